package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.engine.SharedPrograms;
import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.ExceptionUtils;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The cluster in the process on which jobs are tested, and how they run there. */
public final class TestCluster {
  private static final int MOST_RUNS = 20;
  private static final String LOST_EVENT =
      "An OperatorEvent from an OperatorCoordinator to a task was lost";

  private TestCluster() {}

  /** One TaskManager. */
  public static MiniClusterExtension withSlots(int slots) {
    return withSlots(slots, new Configuration());
  }

  /** Likewise, with settings of the cluster. */
  static MiniClusterExtension withSlots(int slots, Configuration configuration) {
    return new MiniClusterExtension(
        new MiniClusterResourceConfiguration.Builder()
            .setConfiguration(configuration)
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(slots)
            .build());
  }

  /** Without generic types, and with so many restarts after a failure. */
  public static StreamExecutionEnvironment environment(int parallelism, int restarts) {
    Configuration configuration = new Configuration();
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.setParallelism(parallelism);
    return env;
  }

  /**
   * What a job fails with that cannot but fail, at a record. If its source is just being told that
   * there is no more, Flink may name that as the cause, and the job runs again.
   */
  static Throwable failureOf(ThrowingCallable job) {
    for (int runs = 1; ; runs++) {
      Throwable failure = catchThrowable(job);
      if (runs == MOST_RUNS
          || failure == null
          || !ExceptionUtils.stringifyException(failure).contains(LOST_EVENT)) {
        return failure;
      }
    }
  }

  /** Waits until no program and no thread of an engine is left. */
  public static void requireNothingOpen() {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              assertThat(SharedPrograms.open()).isEmpty();
              assertThat(Thread.getAllStackTraces().keySet())
                  .noneMatch(thread -> thread.getName().startsWith("llm-"));
            });
  }
}
