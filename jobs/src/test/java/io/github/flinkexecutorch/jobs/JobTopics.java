package io.github.flinkexecutorch.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.demo.KafkaBroker;
import io.github.flinkexecutorch.jobs.demo.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The four topics of one job on a broker, with the sample model's arguments. */
public record JobTopics(KafkaBroker broker, String name) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SAMPLE = Path.of("../sample-data/tickets").toAbsolutePath().normalize();

  public static JobTopics create(KafkaBroker broker, String name, int partitions) throws Exception {
    JobTopics topics = new JobTopics(broker, name);
    broker.createTopics(
        partitions,
        topics.requests(),
        topics.topic("completions"),
        topics.topic("stats"),
        topics.topic("dead-letters"));
    return topics;
  }

  /** Held-out tickets: {@code id}, {@code message} and {@code expectedJson} each. */
  public static List<JsonNode> tickets(int limit) throws IOException {
    List<JsonNode> tickets = new ArrayList<>();
    for (String line : Files.readAllLines(SAMPLE.resolve("tickets.jsonl"))) {
      if (tickets.size() == limit) {
        break;
      }
      tickets.add(JSON.readTree(line));
    }
    return tickets;
  }

  public String requests() {
    return topic("requests");
  }

  public String completionsTopic() {
    return topic("completions");
  }

  public String statsTopic() {
    return topic("stats");
  }

  public String deadLettersTopic() {
    return topic("dead-letters");
  }

  /** Arguments of a bounded job over these topics with the sample model, then {@code more}. */
  public List<String> arguments(String... more) {
    List<String> arguments = argumentsOf("model.pte", more);
    arguments.add("--bounded");
    return arguments;
  }

  /** Likewise with the batched program of the sample model. */
  public List<String> batchedArguments(String... more) {
    List<String> arguments = argumentsOf("model-batched.pte", more);
    arguments.add("--bounded");
    return arguments;
  }

  /** Likewise with the batched program of the sample model, and of a job without an end. */
  public List<String> endlessArguments(String... more) {
    return argumentsOf("model-batched.pte", more);
  }

  private List<String> argumentsOf(String program, String... more) {
    List<String> arguments = new ArrayList<>(topicArguments());
    arguments.addAll(
        List.of(
            "--model",
            SAMPLE.resolve(program).toString(),
            "--tokenizer",
            SAMPLE.resolve("tokenizer.json").toString(),
            "--prompt-template-file",
            SAMPLE.resolve("prompt-template.txt").toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  public StreamEnrichmentOptions options(String... more) {
    return StreamEnrichmentOptions.parse(arguments(more).toArray(String[]::new));
  }

  /** The same with another model, which {@code more} names. */
  StreamEnrichmentOptions optionsWithoutModel(List<String> more) {
    List<String> arguments = new ArrayList<>(topicArguments());
    arguments.addAll(more);
    arguments.add("--bounded");
    return StreamEnrichmentOptions.parse(arguments.toArray(String[]::new));
  }

  /** Those arguments of a job that say where its topics are. */
  public List<String> topicArguments() {
    return List.of(
        "--bootstrap-servers",
        broker.bootstrapServers(),
        "--requests-topic",
        requests(),
        "--completions-topic",
        topic("completions"),
        "--stats-topic",
        topic("stats"),
        "--dead-letters-topic",
        topic("dead-letters"),
        "--group-id",
        name);
  }

  List<JsonNode> completions() throws IOException {
    return json("completions");
  }

  List<JsonNode> stats() throws IOException {
    return json("stats");
  }

  List<ConsumerRecord<byte[], byte[]>> deadLetters() {
    return Topic.readCommitted(broker.clientProperties(), topic("dead-letters"));
  }

  private List<JsonNode> json(String kind) throws IOException {
    List<JsonNode> values = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record :
        Topic.readCommitted(broker.clientProperties(), topic(kind))) {
      values.add(JSON.readTree(record.value()));
    }
    return values;
  }

  private String topic(String kind) {
    return name + "-" + kind;
  }
}
