package io.github.flinkexecutorch.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.connector.FaultReport;
import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.StreamEnrichmentOptions;
import io.github.flinkexecutorch.jobs.TestCluster;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import java.time.Duration;
import java.util.Properties;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The limit of exactly-once: a transaction that Flink has prepared, and that the broker gives up
 * before Flink can commit it.
 */
@Tag("full")
class TransactionTimeoutITCase {
  private static final int RECORDS = 300;
  private static final String COMMITTER =
      "org.apache.flink.connector.kafka.sink.internal.KafkaCommitter";

  /** So many records before the checkpoint that some results have left the queue of 64. */
  private static final int HOLD_AT = 150;

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(1);

  private final Warnings warnings = new Warnings();
  private LocalBroker broker;

  @BeforeEach
  void start() throws Exception {
    broker = LocalBroker.start();
    warnings.start();
    Configurator.setLevel(COMMITTER, Level.WARN);
    ((Logger) LogManager.getLogger(COMMITTER)).addAppender(warnings);
  }

  @AfterEach
  void stop() {
    ((Logger) LogManager.getLogger(COMMITTER)).removeAppender(warnings);
    Configurator.setLevel(COMMITTER, Level.ERROR);
    warnings.stop();
    broker.close();
  }

  @Test
  void shouldReportWhatTheBrokerHasGivenUp() throws Exception {
    JobTopics topics = JobTopics.create(broker, "late", 1);
    Tickets tickets = new Tickets(topics);
    tickets.sendUpTo(RECORDS);
    StreamEnrichmentOptions options =
        topics.options(
            "--parallelism", "1", "--checkpoint-interval", "1s", "--transaction-timeout", "2s");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    options.configure(env);
    TestCluster.define(env, options, new HoldCheckpoint(broker.clientProperties()));
    env.execute();

    assertThat(HoldCheckpoint.HELD).isTrue();
    Results results = Results.of(topics);
    int lost = RECORDS - results.completed().size() - results.failed().size();
    FaultReport.row(37, "TransactionTimeoutITCase#shouldReportWhatTheBrokerHasGivenUp")
        .in(RECORDS)
        .completions(results.completed().size())
        .deadLetters(results.failed().size())
        .lost(lost)
        .write();
    assertThat(results.completed()).doesNotHaveDuplicates();
    assertThat(lost).isPositive();
    assertThat(warnings.messages)
        .anySatisfy(message -> assertThat(message).contains("Unable to commit transaction"));
  }

  /** Holds one checkpoint, whose transactions are prepared, until the broker has aborted them. */
  private static final class HoldCheckpoint
      implements MapFunction<RecordOrigin, RecordOrigin>, CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final AtomicBoolean HELD = new AtomicBoolean();
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Properties client;
    private int records;

    HoldCheckpoint(Properties client) {
      this.client = client;
    }

    @Override
    public RecordOrigin map(RecordOrigin record) throws Exception {
      if (++records >= HOLD_AT && !HELD.get()) {
        Thread.sleep(50); // so that a checkpoint comes before the last record
      }
      return record;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      if (records >= HOLD_AT && HELD.compareAndSet(false, true)) {
        try (Admin admin = Admin.create(client)) {
          await().atMost(LIMIT).until(() -> transactions(admin, TransactionState.ONGOING) == 0);
          await()
              .atMost(LIMIT)
              .until(() -> transactions(admin, TransactionState.PREPARE_ABORT) == 0);
        }
      }
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}

    private static int transactions(Admin admin, TransactionState state) throws Exception {
      return admin
          .listTransactions(new ListTransactionsOptions().filterStates(Set.of(state)))
          .all()
          .get()
          .size();
    }
  }

  /** What is logged about transactions that cannot be committed. */
  private static final class Warnings extends AbstractAppender {
    private final Queue<String> messages = new ConcurrentLinkedQueue<>();

    Warnings() {
      super("warnings", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      messages.add(event.getMessage().getFormattedMessage());
    }
  }
}
