package io.github.flinkexecutorch.jobs.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.StreamEnrichmentJob;
import io.github.flinkexecutorch.jobs.StreamEnrichmentOptions;
import io.github.flinkexecutorch.jobs.TestCluster;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Jobs that may not fail once, under records that are meant to make them. */
class HostileLoadITCase {
  private static final int MEGABYTE = 1_000_000;
  private static final int LARGE = 10;
  private static final List<String> POISON =
      List.of(
          "no JSON",
          "",
          "{\"message\":\"\"}",
          "{\"message\":\"half",
          "{\"message\":" + "[".repeat(10_000),
          "{\"text\":\"no message\"}",
          "{\"message\":\"hello\",\"options\":{\"temperature\":-1}}",
          "{\"message\":\"" + "My parcel is lost. ".repeat(500) + "\"}");

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(2);

  private static LocalBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = LocalBroker.start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void shouldNotFailForPoisonOverAndOver() throws Exception {
    JobTopics topics = JobTopics.create(broker, "poison", 4);
    Tickets tickets = new Tickets(topics);
    tickets.sendUpTo(100);
    List<String> ids = new ArrayList<>(tickets.ids());
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      ids.add("poison-" + i);
      records.add(record(topics, "poison-" + i, POISON.get(i % POISON.size())));
    }
    broker.produce(records);

    run(topics.options("--parallelism", "2", "--checkpoint-interval", "200ms"));

    Results.of(topics).requireEachOnce(ids, 1, test("shouldNotFailForPoisonOverAndOver"));
  }

  @Test
  void shouldRefusePromptsOfAMegabyte() throws Exception {
    JobTopics topics = JobTopics.create(broker, "megabytes", 4);
    Tickets tickets = new Tickets(topics);
    tickets.sendUpTo(100);
    List<String> ids = new ArrayList<>(tickets.ids());
    for (int i = 0; i < LARGE; i++) {
      ids.add("large-" + i);
      String message = "Where is it? ".repeat(MEGABYTE / 13);
      broker.produce(List.of(record(topics, "large-" + i, "{\"message\":\"" + message + "\"}")));
    }

    run(topics.options("--parallelism", "2", "--checkpoint-interval", "200ms"));

    Results results = Results.of(topics);
    assertThat(results.failed()).contains("large-0", "large-" + (LARGE - 1));
    results.requireEachOnce(ids, 6, test("shouldRefusePromptsOfAMegabyte"));
  }

  @Test
  void shouldWriteTheSameBytesWhenPagesAreScarce() throws Exception {
    JobTopics plenty = JobTopics.create(broker, "plenty", 4);
    Tickets tickets = new Tickets(plenty);
    tickets.sendUpTo(500);
    run(batched(plenty, "1gb"));
    JobTopics scarce = JobTopics.create(broker, "scarce", 4);
    new Tickets(scarce).sendUpTo(500);
    run(batched(scarce, "512kb"));

    Results results = Results.of(scarce);
    results.requireEachOnce(tickets.ids(), 44, test("shouldWriteTheSameBytesWhenPagesAreScarce"));
    assertThat(results.values()).isEqualTo(Results.of(plenty).values());
  }

  private static StreamEnrichmentOptions batched(JobTopics topics, String cache) {
    List<String> arguments =
        topics.endlessArguments(
            "--bounded",
            "--parallelism",
            "2",
            "--checkpoint-interval",
            "200ms",
            "--option",
            "executorch.engine.kv-cache-size=" + cache);
    return StreamEnrichmentOptions.parse(arguments.toArray(String[]::new));
  }

  /** Without a restart: a task that fails ends the test. */
  private static void run(StreamEnrichmentOptions options) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    StreamEnrichmentJob.define(env, options);
    env.execute();
  }

  private static ProducerRecord<byte[], byte[]> record(JobTopics topics, String key, String value) {
    return new ProducerRecord<>(topics.requests(), key.getBytes(UTF_8), value.getBytes(UTF_8));
  }

  private static String test(String method) {
    return "HostileLoadITCase#" + method;
  }
}
