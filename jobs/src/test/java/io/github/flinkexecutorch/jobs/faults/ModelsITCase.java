package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.connector.FailureKind;
import io.github.flinkexecutorch.jobs.BrokerExtension;
import io.github.flinkexecutorch.jobs.FailOnce;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.StreamEnrichmentJob;
import io.github.flinkexecutorch.jobs.StreamEnrichmentOptions;
import io.github.flinkexecutorch.jobs.TestCluster;
import io.github.flinkexecutorch.runtime.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Jobs with several models, and with a model that changes, from Kafka to Kafka. */
class ModelsITCase {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SAMPLE = Path.of("../sample-data/tickets").toAbsolutePath().normalize();
  private static final int BATCH = 200;

  @RegisterExtension
  @Order(BrokerExtension.FIRST)
  static final BrokerExtension BROKER = new BrokerExtension();

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(2);

  private static volatile boolean changing;

  @TempDir private Path models;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void shouldAnswerEachRecordOnceByOneVersionWhenTheModelChanges() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "changing", 4);
    changeWhileItRuns(topics, define(versioned(topics)), () -> true);
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void shouldAnswerEachRecordOnceByOneVersionWhenATaskFailsDuringTheChange() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "failing", 4);
    StreamEnrichmentOptions options = options(versioned(topics));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    options.configure(env);
    TestCluster.define(env, options, new FailOnce<>(0, () -> changing));

    List<String> sent = changeWhileItRuns(topics, env, FailOnce::hasFailed);

    Results.of(topics)
        .requireEachOnce(
            sent,
            33,
            "ModelsITCase#shouldAnswerEachRecordOnceByOneVersionWhenATaskFailsDuringTheChange");
  }

  /**
   * Changes the version in the middle of a job, which ends when something else has happened too.
   *
   * @return the ids of the records, each of which has one result, by one version
   */
  private List<String> changeWhileItRuns(
      JobTopics topics, StreamExecutionEnvironment env, BooleanSupplier happened) throws Exception {
    version("v1", "model.pte");
    version("v2", "model-batched.pte");
    want("v1");
    changing = false;
    Tickets tickets = new Tickets(topics);
    JobClient job = env.executeAsync();
    try (Committed committed = new Committed(topics)) {
      tickets.sendUpTo(BATCH);
      committed.await(1);
      want("v2");
      changing = true;
      do { // until both subtasks have changed
        tickets.sendUpTo(tickets.sent() + BATCH);
        committed.await(tickets.sent());
      } while (versionsSince(tickets.sent() - BATCH, topics).contains("v1")
          || !happened.getAsBoolean());
    } finally {
      job.cancel().get();
    }

    Results results = Results.of(topics);
    results.requireEachOnce(tickets.ids());
    assertThat(versionsSince(0, topics)).containsExactlyInAnyOrder("v1", "v2");
    Map<String, String> v1 = undisturbed("v1", topics, tickets.sent());
    Map<String, String> v2 = undisturbed("v2", topics, tickets.sent());
    results
        .values()
        .forEach(
            (id, value) ->
                assertThat(value)
                    .isEqualTo((field(value, "model_version").equals("v1") ? v1 : v2).get(id)));
    return tickets.ids();
  }

  @Test
  void shouldSendEachRecordToTheModelThatItNames() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "routed", 4);
    Tickets tickets = new Tickets(topics);
    List<String> names = List.of("default", "standard", "other");
    List<String> values = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      ObjectNode ticket = (ObjectNode) JSON.readTree(tickets.good(i));
      int model = i % (names.size() + 1);
      values.add(
          (model == names.size() ? ticket : ticket.put("model", names.get(model))).toString());
    }
    tickets.send(values);
    String standard = "standard=" + SAMPLE.resolve("model.pte");
    define(topics.batchedArguments("--parallelism=2", "--named-model", standard)).execute();

    Results results = Results.of(topics);
    results.requireEachOnce(tickets.ids());
    Map<String, Set<String>> digests = new HashMap<>();
    for (int i = 0; i < BATCH; i++) {
      String name = JSON.readTree(values.get(i)).path("model").asText("default");
      String completion = results.values().get(Tickets.id(i));
      if (name.equals("other")) {
        assertThat(results.reasons().get(Tickets.id(i)))
            .isEqualTo(FailureKind.UNKNOWN_MODEL.name());
      } else {
        digests
            .computeIfAbsent(name, absent -> new HashSet<>())
            .add(field(completion, "model_digest"));
      }
    }
    assertThat(digests.get("default")).containsExactly(sha256("model-batched.pte"));
    assertThat(digests.get("standard")).containsExactly(sha256("model.pte"));
    assertThat(results.failed()).hasSize(BATCH / 4);
  }

  /** What one version makes of the tickets, alone. */
  private Map<String, String> undisturbed(String version, JobTopics disturbed, int tickets)
      throws Exception {
    want(version);
    JobTopics topics = JobTopics.create(BROKER, disturbed.name() + "-only-" + version, 4);
    new Tickets(topics).sendUpTo(tickets);
    List<String> arguments = versioned(topics);
    arguments.add("--bounded");
    define(arguments).execute();
    return Results.of(topics).values();
  }

  private List<String> versioned(JobTopics topics) {
    List<String> arguments = new ArrayList<>(topics.topicArguments());
    arguments.addAll(
        List.of(
            "--model=" + models + "/{version}/model.pte",
            "--option=executorch.model.version-file=" + models.resolve("current"),
            "--prompt-template-file=" + SAMPLE.resolve("prompt-template.txt"),
            "--checkpoint-interval=200ms",
            "--parallelism=2"));
    return arguments;
  }

  private static StreamExecutionEnvironment define(List<String> arguments) {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    StreamEnrichmentJob.define(env, options(arguments));
    return env;
  }

  private static StreamEnrichmentOptions options(List<String> arguments) {
    return StreamEnrichmentOptions.parse(arguments.toArray(String[]::new));
  }

  private void version(String name, String program) throws IOException {
    Path version = Files.createDirectory(models.resolve(name));
    Files.copy(SAMPLE.resolve(program), version.resolve("model.pte"));
    for (String file :
        List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")) {
      Files.copy(SAMPLE.resolve(file), version.resolve(file));
    }
  }

  private void want(String version) throws IOException {
    Path next = Files.writeString(models.resolve("next"), version);
    Files.move(next, models.resolve("current"), StandardCopyOption.REPLACE_EXISTING);
  }

  /** The versions that have answered the tickets from a certain one on. */
  private static Set<String> versionsSince(int first, JobTopics topics) throws IOException {
    Set<String> versions = new HashSet<>();
    for (Map.Entry<String, String> completion : Results.of(topics).values().entrySet()) {
      if (Tickets.number(completion.getKey()) >= first) {
        versions.add(field(completion.getValue(), "model_version"));
      }
    }
    return versions;
  }

  private static String field(String completion, String name) {
    try {
      return JSON.readTree(completion).get(name).asText();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String program) throws IOException {
    return Sha256.hex(Files.readAllBytes(SAMPLE.resolve(program)));
  }
}
