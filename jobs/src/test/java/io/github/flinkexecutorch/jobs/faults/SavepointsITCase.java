package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.FaultReport;
import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.jobs.BrokerExtension;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.StreamEnrichmentOptions;
import io.github.flinkexecutorch.jobs.TestCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The job is stopped with savepoints while it generates, and goes on from them. */
class SavepointsITCase {
  /** Far more than a job of one sequence at a time completes until it has stopped. */
  private static final int BACKLOG = 1500;

  private static final int ONE_AT_A_TIME = 1;
  private static final int MANY_AT_A_TIME = 64;

  @RegisterExtension
  @Order(BrokerExtension.FIRST)
  static final BrokerExtension BROKER = new BrokerExtension();

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(2);

  @TempDir private static Path savepoints;

  @Test
  void shouldGoOnWithOtherParallelismAndCapacity() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "rescaled", 4);
    Tickets tickets = new Tickets(topics);
    try (Committed committed = new Committed(topics)) {
      String savepoint =
          stopInTheMiddle(run(topics, null, 2, 64, ONE_AT_A_TIME), tickets, committed);
      savepoint = stopInTheMiddle(run(topics, savepoint, 1, 4, ONE_AT_A_TIME), tickets, committed);
      JobClient last = run(topics, savepoint, 2, 16, MANY_AT_A_TIME);
      committed.await(tickets.sent());
      stop(last, true);
    }
    Results.of(topics)
        .requireEachOnce(
            tickets.ids(), 39, "SavepointsITCase#shouldGoOnWithOtherParallelismAndCapacity");
  }

  @Test
  void shouldCompleteAllThatItHasReadWhenDrained() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "drained", 4);
    Tickets tickets = new Tickets(topics);
    try (Committed committed = new Committed(topics)) {
      Counting.RECORDS.set(0);
      JobClient job = run(topics, null, 2, 64, ONE_AT_A_TIME);
      tickets.sendUpTo(BACKLOG);
      committed.await(1);
      stop(job, true);

      assertThat(Counting.RECORDS).as("records read").hasValueLessThan(BACKLOG);
    }
    Results results = Results.of(topics);
    int read = Counting.RECORDS.get();
    List<String> answered = new ArrayList<>(results.completed());
    answered.addAll(results.failed());
    long records = answered.stream().distinct().count();
    FaultReport.row(39, "SavepointsITCase#shouldCompleteAllThatItHasReadWhenDrained")
        .in(read)
        .completions(results.completed().size())
        .deadLetters(results.failed().size())
        .duplicates(answered.size() - records)
        .lost(read - records)
        .write();
    assertThat(answered).doesNotHaveDuplicates().hasSize(read);
  }

  /** Stops the job once it has committed something, with a backlog that keeps it busy. */
  private static String stopInTheMiddle(JobClient job, Tickets tickets, Committed committed)
      throws Exception {
    tickets.sendUpTo(tickets.sent() + BACKLOG);
    committed.await(committed.count() + 1);
    String savepoint = stop(job, false);
    committed.catchUp(); // so that what comes next is of the next job
    assertThat(committed.count()).as("results when it was stopped").isLessThan(tickets.sent());
    return savepoint;
  }

  private static String stop(JobClient job, boolean drain) throws Exception {
    return job.stopWithSavepoint(drain, savepoints.toString(), SavepointFormatType.CANONICAL).get();
  }

  private static JobClient run(
      JobTopics topics, String savepoint, int parallelism, int capacity, int sequences)
      throws Exception {
    Configuration configuration = new Configuration();
    if (savepoint != null) {
      configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    }
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    StreamEnrichmentOptions options =
        StreamEnrichmentOptions.parse(
            topics
                .endlessArguments(
                    "--checkpoint-interval",
                    "200ms",
                    "--parallelism",
                    "" + parallelism,
                    "--option",
                    "executorch.async.capacity=" + capacity,
                    "--option",
                    "executorch.engine.max-sequences=" + sequences)
                .toArray(String[]::new));
    options.configure(env);
    TestCluster.define(env, options, new Counting());
    return env.executeAsync();
  }

  /** Counts the records that leave the source, in this JVM. */
  private static final class Counting implements MapFunction<RecordOrigin, RecordOrigin> {
    private static final long serialVersionUID = 1L;
    private static final AtomicInteger RECORDS = new AtomicInteger();

    @Override
    public RecordOrigin map(RecordOrigin record) {
      RECORDS.incrementAndGet();
      return record;
    }
  }
}
