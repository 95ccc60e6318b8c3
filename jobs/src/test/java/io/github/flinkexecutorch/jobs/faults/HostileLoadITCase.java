package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.jobs.BrokerExtension;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.StreamEnrichmentJob;
import io.github.flinkexecutorch.jobs.StreamEnrichmentOptions;
import io.github.flinkexecutorch.jobs.TestCluster;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Jobs that may not fail once, under records that are meant to make them. */
class HostileLoadITCase {
  private static final int GOOD = 100;
  private static final int POISONED = 1000;
  private static final int LARGE = 10;

  @RegisterExtension
  @Order(BrokerExtension.FIRST)
  static final BrokerExtension BROKER = new BrokerExtension();

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(2);

  @Test
  void shouldNotFailForPoisonOverAndOver() throws Exception {
    List<Poison> poison = IntStream.range(0, POISONED).mapToObj(Poison::small).toList();

    refuse(poison, "poison", 1, test("shouldNotFailForPoisonOverAndOver"));
  }

  @Test
  void shouldRefusePromptsOfAMegabyte() throws Exception {
    List<Poison> poison = Collections.nCopies(LARGE, Poison.MEGABYTE);

    refuse(poison, "megabytes", 6, test("shouldRefusePromptsOfAMegabyte"));
  }

  @Test
  void shouldWriteTheSameBytesWhenPagesAreScarce() throws Exception {
    JobTopics plenty = JobTopics.create(BROKER, "plenty", 4);
    Tickets tickets = new Tickets(plenty);
    tickets.sendUpTo(500);
    run(batched(plenty, "1gb"));
    JobTopics scarce = JobTopics.create(BROKER, "scarce", 4);
    new Tickets(scarce).sendUpTo(500);
    run(batched(scarce, "512kb"));

    Results results = Results.of(scarce);
    results.requireEachOnce(tickets.ids(), 44, test("shouldWriteTheSameBytesWhenPagesAreScarce"));
    assertThat(results.values()).isEqualTo(Results.of(plenty).values());
  }

  private static void refuse(List<Poison> poison, String name, int row, String test)
      throws Exception {
    JobTopics topics = JobTopics.create(BROKER, name, 4);
    Tickets tickets = new Tickets(topics);
    tickets.sendUpTo(GOOD);
    tickets.send(poison.stream().map(Poison::value).toList());

    run(topics.options("--parallelism", "2", "--checkpoint-interval", "200ms"));

    Results results = Results.of(topics);
    results.requireEachOnce(tickets.ids(), row, test);
    for (int i = 0; i < poison.size(); i++) {
      assertThat(results.reasons())
          .containsEntry(Tickets.id(GOOD + i), poison.get(i).reason().name());
    }
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

  private static String test(String method) {
    return "HostileLoadITCase#" + method;
  }
}
