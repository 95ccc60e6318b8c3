package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a job may drop is counted, as a reporter sees it. */
class DroppedRecordsITCase {
  private static final String TOMBSTONE = "tickets-0-2";
  private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER =
      TestCluster.withSlots(1, REPORTER.addToConfiguration(new Configuration()));

  @Test
  void shouldCountTombstonesAndFailuresThatAreDropped() throws Exception {
    Configuration options =
        Tickets.options().set(ExecuTorchOptions.TOMBSTONES, TombstonePolicy.SKIP);
    List<RecordOrigin> records = new ArrayList<>(Tickets.records(2));
    records.add(new RecordOrigin("tickets", 0, 2, 0, null, null, null));
    records.add(Tickets.record(3, "not JSON"));
    records.add(Tickets.record(4, "{\"id\":\"no-message\"}"));
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    var completed =
        inference(env, options, FailurePolicy.SKIP, records).completions().collectAsync();
    JobID job = env.executeAsync().getJobID();
    List<Completion> completions = new ArrayList<>();
    completed.forEachRemaining(completions::add);

    long tombstones = counted(job, LlmMetric.TOMBSTONES);
    FaultReport.row(2, "DroppedRecordsITCase#shouldCountTombstonesAndFailuresThatAreDropped")
        .in(1)
        .completions(completions.stream().filter(one -> one.id().equals(TOMBSTONE)).count())
        .lost(1 - tombstones) // what is counted is dropped as the options say
        .write();
    assertThat(completions).hasSize(2);
    assertThat(tombstones).isEqualTo(1);
    assertThat(counted(job, LlmMetric.SKIPPED)).isEqualTo(2);
  }

  @Test
  void shouldMakeFailuresOfTombstonesByOption() throws Exception {
    Configuration options =
        Tickets.options().set(ExecuTorchOptions.TOMBSTONES, TombstonePolicy.DEAD_LETTER);
    RecordOrigin tombstone = new RecordOrigin("tickets", 0, 2, 0, null, null, null);
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    var failed =
        inference(env, options, FailurePolicy.DEAD_LETTER, List.of(tombstone))
            .failures()
            .collectAsync();
    JobID job = env.executeAsync().getJobID();
    List<Failure> failures = new ArrayList<>();
    failed.forEachRemaining(failures::add);

    FaultReport.row(2, "DroppedRecordsITCase#shouldMakeFailuresOfTombstonesByOption")
        .records(List.of(TOMBSTONE), List.of(), failures.stream().map(Failure::id).toList())
        .write();
    assertThat(failures).extracting(Failure::kind).containsExactly(FailureKind.MALFORMED);
    assertThat(counted(job, LlmMetric.TOMBSTONES)).isZero();
  }

  private static InferenceStreams inference(
      StreamExecutionEnvironment env,
      Configuration options,
      FailurePolicy policy,
      List<RecordOrigin> records) {
    return LlmInference.builder()
        .options(options)
        .engines(name -> CompletableFuture.completedFuture(FakeEngine.answering()))
        .failurePolicy(policy)
        .build()
        .apply(
            env.fromData(records, TypeInformation.of(RecordOrigin.class))
                .process(new RequestParser(options)));
  }

  private static long counted(JobID job, LlmMetric metric) {
    return REPORTER.getMetricsByIdentifiers(job).entrySet().stream()
        .filter(entry -> entry.getKey().endsWith(".executorch." + metric.metricName()))
        .mapToLong(entry -> ((Counter) entry.getValue()).getCount())
        .sum();
  }
}
