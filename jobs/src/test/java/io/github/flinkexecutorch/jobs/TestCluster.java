package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.InferenceStreams;
import io.github.flinkexecutorch.connector.RecordOrigin;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;

/** The cluster in the process on which jobs are tested, and how they run there. */
public final class TestCluster {
  private static final int RESTARTS = 2;

  private TestCluster() {}

  /** One TaskManager. */
  public static MiniClusterExtension withSlots(int slots) {
    return new MiniClusterExtension(
        new MiniClusterResourceConfiguration.Builder()
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(slots)
            .build());
  }

  /** Runs {@link StreamEnrichmentJob} with a task that fails once, after so many records. */
  static void runFailing(StreamEnrichmentOptions options, int parallelism, int records)
      throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, RESTARTS);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.enableCheckpointing(options.checkpointInterval().toMillis());
    env.setParallelism(parallelism);
    define(env, options, new FailOnce<>(records));
    env.execute();
  }

  /** Adds {@link StreamEnrichmentJob} to {@code env}, with a function behind its source. */
  public static void define(
      StreamExecutionEnvironment env,
      StreamEnrichmentOptions options,
      MapFunction<RecordOrigin, RecordOrigin> behindSource) {
    InferenceStreams results =
        StreamEnrichmentJob.complete(
            StreamEnrichmentJob.read(env, options).map(behindSource).uid("behind-source"),
            options.inference());
    StreamEnrichmentJob.write(results, options);
  }
}
