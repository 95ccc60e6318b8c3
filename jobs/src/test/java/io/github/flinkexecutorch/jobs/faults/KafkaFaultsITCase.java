package io.github.flinkexecutorch.jobs.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.jobs.BrokerExtension;
import io.github.flinkexecutorch.jobs.Checkpoints;
import io.github.flinkexecutorch.jobs.JobTopics;
import io.github.flinkexecutorch.jobs.StreamEnrichmentJob;
import io.github.flinkexecutorch.jobs.StreamEnrichmentOptions;
import io.github.flinkexecutorch.jobs.TestCluster;
import io.github.flinkexecutorch.jobs.demo.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Topics that are missing, refuse, are idle, or are read before they are committed. */
class KafkaFaultsITCase {
  private static final int RECORDS = 200;
  private static final String INTERVAL = "200ms";

  /** More than two subtasks complete between two looks at the results. */
  private static final int BACKLOG = 2000;

  @RegisterExtension
  @Order(BrokerExtension.FIRST)
  static final BrokerExtension BROKER = new BrokerExtension();

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(2);

  @TempDir private Path checkpoints;

  @Test
  void shouldFailRatherThanDropWhenTheTopicOfDeadLettersIsMissing() throws Exception {
    JobTopics topics = new JobTopics(BROKER, "missing");
    BROKER.createTopics(1, topics.requests(), topics.completionsTopic(), topics.statsTopic());
    Tickets tickets = new Tickets(topics);
    tickets.sendUpTo(RECORDS);
    StreamExecutionEnvironment env = failing();
    StreamEnrichmentJob.define(
        env, topics.options("--parallelism", "1", "--checkpoint-interval", INTERVAL));

    assertThatThrownBy(env::execute).hasStackTraceContaining(topics.deadLettersTopic());

    BROKER.createTopics(1, topics.deadLettersTopic());
    requireEachOnceAfterAnotherRun(
        topics, tickets, "shouldFailRatherThanDropWhenTheTopicOfDeadLettersIsMissing");
  }

  @Test
  void shouldFailRatherThanDropWhenTheTopicRefusesDeadLetters() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "refusing", 1);
    limitMessages(topics.deadLettersTopic(), "100");
    Tickets tickets = new Tickets(topics);
    tickets.sendUpTo(RECORDS);
    StreamExecutionEnvironment env = failing();
    StreamEnrichmentJob.define(
        env, topics.options("--parallelism", "1", "--checkpoint-interval", INTERVAL));

    assertThatThrownBy(env::execute).hasStackTraceContaining("RecordTooLargeException");

    limitMessages(topics.deadLettersTopic(), "1048588");
    requireEachOnceAfterAnotherRun(
        topics, tickets, "shouldFailRatherThanDropWhenTheTopicRefusesDeadLetters");
  }

  @Test
  void shouldCompleteNothingOfATransactionThatWasAborted() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "withdrawn", 1);
    Properties properties = BROKER.clientProperties();
    properties.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "withdrawn");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      for (String id : List.of("withdrawn", "kept")) {
        producer.beginTransaction();
        byte[] value = "{\"id\":\"%1$s\",\"message\":\"%1$s\"}".formatted(id).getBytes(UTF_8);
        producer.send(new ProducerRecord<>(topics.requests(), id.getBytes(UTF_8), value)).get();
        if (id.equals("kept")) {
          producer.commitTransaction();
        } else {
          producer.abortTransaction();
        }
      }
    }
    StreamExecutionEnvironment env = failing();
    StreamEnrichmentJob.define(env, topics.options("--checkpoint-interval", INTERVAL));
    env.execute();

    assertThat(Results.of(topics).completed()).containsExactly("kept");
  }

  @Test
  void shouldShowAbortedAttemptsOnlyToReadersOfTheUncommitted() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "aborted", 1);
    Tickets tickets = new Tickets(topics);
    tickets.sendUpTo(RECORDS);
    StreamEnrichmentOptions options =
        topics.options("--parallelism", "1", "--checkpoint-interval", INTERVAL);
    StreamExecutionEnvironment env = environment("fixed-delay");
    options.configure(env);
    TestCluster.define(
        env, options, new FailOnceWritten(BROKER.clientProperties(), topics.completionsTopic()));
    env.execute();

    Results results = Results.of(topics);
    assertThat(Topic.readUncommitted(BROKER.clientProperties(), topics.completionsTopic()))
        .hasSizeGreaterThan(results.completed().size());
    results.requireEachOnce(
        tickets.ids(), 49, test("shouldShowAbortedAttemptsOnlyToReadersOfTheUncommitted"));
  }

  @Test
  void shouldNotHoldUpAPartitionForABusyOneOrForIdleOnes() throws Exception {
    JobTopics topics = JobTopics.create(BROKER, "skewed", 4);
    Tickets tickets = new Tickets(topics);
    StreamExecutionEnvironment env = environment("none");
    StreamEnrichmentJob.define(env, endless(topics, "2"));
    JobClient job = env.executeAsync();
    try (Committed committed = new Committed(topics)) {
      tickets.sendUpTo(BACKLOG, 0);
      committed.await(1);
      String alone = Tickets.id(tickets.sent());
      tickets.sendUpTo(tickets.sent() + 1, 1);
      do {
        tickets.sendUpTo(committed.count() + BACKLOG, 0);
        committed.await(committed.count() + 1);
      } while (!Results.of(topics).completed().contains(alone));
      assertThat(committed.count()).as("results when it had one").isLessThan(tickets.sent());
      committed.await(tickets.sent());
    } finally {
      job.cancel().get();
    }
    Results.of(topics)
        .requireEachOnce(
            tickets.ids(), 48, test("shouldNotHoldUpAPartitionForABusyOneOrForIdleOnes"));
  }

  /** A job that is not restarted, and leaves its checkpoints. */
  private StreamExecutionEnvironment failing() {
    StreamExecutionEnvironment env = environment("none");
    env.configure(
        new Configuration()
            .set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString())
            .set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION));
    return env;
  }

  /**
   * From the last checkpoint, if there is one: the offsets that the group has in Kafka may be ahead
   * of the results, which the failed job had prepared and not yet committed. Without an end, since
   * a bounded source that is restored never ends (FLINK-31006).
   */
  private void requireEachOnceAfterAnotherRun(JobTopics topics, Tickets tickets, String test)
      throws Exception {
    StreamExecutionEnvironment env = environment("none");
    Configuration recovery = new Configuration();
    Checkpoints.latest(checkpoints)
        .ifPresent(latest -> recovery.set(StateRecoveryOptions.SAVEPOINT_PATH, latest));
    env.configure(recovery);
    StreamEnrichmentJob.define(env, endless(topics, "1"));
    JobClient job = env.executeAsync();
    try (Committed committed = new Committed(topics)) {
      committed.await(tickets.sent());
    } finally {
      job.cancel().get();
    }
    Results.of(topics).requireEachOnce(tickets.ids(), 42, test(test));
  }

  private static StreamEnrichmentOptions endless(JobTopics topics, String parallelism) {
    return StreamEnrichmentOptions.parse(
        topics
            .endlessArguments("--parallelism", parallelism, "--checkpoint-interval", INTERVAL)
            .toArray(String[]::new));
  }

  private static void limitMessages(String topic, String bytes) throws Exception {
    ConfigEntry entry = new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, bytes);
    try (Admin admin = Admin.create(BROKER.clientProperties())) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, topic),
                  List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  private static StreamExecutionEnvironment environment(String restarts) {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, restarts);
    return StreamExecutionEnvironment.getExecutionEnvironment(configuration);
  }

  private static String test(String method) {
    return "KafkaFaultsITCase#" + method;
  }

  /** Fails the first checkpoint that finds results on the broker, which are then not committed. */
  private static final class FailOnceWritten
      implements MapFunction<RecordOrigin, RecordOrigin>, CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final AtomicBoolean FAILED = new AtomicBoolean();

    private final Properties client;
    private final String topic;

    FailOnceWritten(Properties client, String topic) {
      this.client = client;
      this.topic = topic;
    }

    @Override
    public RecordOrigin map(RecordOrigin record) {
      return record;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      if (!FAILED.get() && !Topic.readUncommitted(client, topic).isEmpty()) {
        FAILED.set(true);
        throw new IllegalStateException("Injected failure of a checkpoint");
      }
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}
  }
}
