package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.connector.FaultReport;
import io.github.flinkexecutorch.connector.PoisonedInference;
import io.github.flinkexecutorch.jobs.SessionCluster.Submission;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import io.github.flinkexecutorch.llm.engine.PoisonedEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records at which an operator aborts the process, on a cluster of processes with a real broker.
 * Nobody but this test starts a TaskManager again.
 */
@Tag("full")
class NativeCrashITCase {
  private static final int RECORDS = 40;
  private static final List<Integer> POISONED = List.of(5, 23);
  private static final int ABORTED = 128 + 6; // SIGABRT
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir private Path folder;

  private LocalBroker broker;
  private SessionCluster cluster;
  private final ExecutorService client = Executors.newSingleThreadExecutor();

  @BeforeEach
  void start() throws Exception {
    broker = LocalBroker.start();
    cluster =
        new SessionCluster(
            FlinkDistribution.fetch(),
            folder.resolve("cluster"),
            Map.of(
                "restart-strategy.type", "fixed-delay",
                "restart-strategy.fixed-delay.attempts", "20",
                "restart-strategy.fixed-delay.delay", "500 ms",
                "heartbeat.timeout", "6 s",
                "heartbeat.interval", "1 s"),
            1,
            AbortingOperator.environment(folder));
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    cluster.close();
    broker.close();
  }

  @Test
  void shouldMakeDeadLettersOfRecordsThatEndTheProcessAndCompleteTheOthers() throws Exception {
    List<ObjectNode> records = records();
    JobTopics undisturbed = topics("undisturbed", records);
    Submission first =
        cluster.run(
            ShadedJar.ofThisBuild().path(), StreamEnrichmentJob.class, arguments(undisturbed));
    assertThat(first.exitCode()).as(first.output()).isZero();
    Map<String, String> expected = byId(undisturbed.completions());
    assertThat(expected).hasSize(RECORDS);

    JobTopics topics = topics("poisoned", records);
    Future<Submission> job =
        client.submit(
            () -> cluster.run(jarThatCrashes(), CrashingJob.class, arguments(topics), LIMIT));
    List<Integer> crashes = new ArrayList<>();
    while (!job.isDone()) {
      if (!cluster.taskManagerAlive()) {
        crashes.add(cluster.taskManagerExitCode());
        cluster.startTaskManager();
      }
      Thread.sleep(100);
    }

    assertThat(job.get().exitCode()).as(job.get().output()).isZero();
    assertThat(crashes)
        .as("among others at least once, and each alone")
        .hasSizeBetween(1 + POISONED.size(), 2 * POISONED.size())
        .containsOnly(ABORTED);
    List<ConsumerRecord<byte[], byte[]>> letters = topics.deadLetters();
    List<String> failed = letters.stream().map(letter -> header(letter, "id")).toList();
    List<JsonNode> completions = topics.completions();
    FaultReport.row(
            43,
            "NativeCrashITCase"
                + "#shouldMakeDeadLettersOfRecordsThatEndTheProcessAndCompleteTheOthers")
        .records(ids(records), ids(completions), failed)
        .write();
    assertThat(failed)
        .containsExactlyInAnyOrderElementsOf(
            POISONED.stream().map(number -> id(records.get(number))).toList());
    assertThat(letters)
        .allSatisfy(
            letter -> {
              assertThat(header(letter, "reason")).isEqualTo("NATIVE_CRASH");
              assertThat(header(letter, "message")).contains("is not tried again");
            });
    assertThat(completions).hasSize(RECORDS - POISONED.size());
    expected.keySet().removeIf(id -> id.startsWith(PoisonedEngine.POISON));
    assertThat(byId(completions)).isEqualTo(expected);
    assertThat(topics.stats()).hasSameSizeAs(completions);
    assertThat(journals()).isNotEmpty().noneMatch(journal -> journal.contains("message"));
  }

  /** Tickets, two of which get names that are poison. */
  private static List<ObjectNode> records() throws IOException {
    List<ObjectNode> records = new ArrayList<>();
    for (JsonNode ticket : JobTopics.tickets(RECORDS)) {
      ObjectNode record = new ObjectMapper().createObjectNode();
      String id = ticket.get("id").asText();
      boolean poisoned = POISONED.contains(records.size());
      record.put("id", poisoned ? PoisonedEngine.POISON + "-" + id : id);
      record.set("message", ticket.get("message"));
      records.add(record);
    }
    return records;
  }

  private JobTopics topics(String name, List<ObjectNode> records) throws Exception {
    JobTopics topics = JobTopics.create(broker, name, 2);
    broker.produce(
        records.stream()
            .map(
                record ->
                    new ProducerRecord<byte[], byte[]>(
                        topics.requests(), record.toString().getBytes(UTF_8)))
            .toList());
    return topics;
  }

  private List<String> arguments(JobTopics topics) {
    return topics.batchedArguments(
        "--parallelism=2",
        "--checkpoint-interval=1s",
        "--option=executorch.async.capacity=8",
        "--option=executorch.crash-journal.folder=" + folder.resolve("journals"));
  }

  private Path jarThatCrashes() throws IOException {
    return ShadedJar.ofThisBuild()
        .withClasses(folder, PoisonedEngine.class, PoisonedInference.class, CrashingJob.class)
        .path();
  }

  private List<String> journals() throws IOException {
    List<String> journals = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve("journals"))) {
      for (Path file : files.toList()) {
        journals.add(Files.readString(file));
      }
    }
    return journals;
  }

  private static List<String> ids(List<? extends JsonNode> records) {
    return records.stream().map(NativeCrashITCase::id).toList();
  }

  private static String id(JsonNode record) {
    return record.get("id").asText();
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    return new String(letter.headers().lastHeader(DeadLetterHeaders.PREFIX + name).value(), UTF_8);
  }

  private static Map<String, String> byId(List<JsonNode> completions) {
    return completions.stream() // throws on a duplicate
        .collect(Collectors.toMap(NativeCrashITCase::id, line -> line.get("completion").asText()));
  }
}
