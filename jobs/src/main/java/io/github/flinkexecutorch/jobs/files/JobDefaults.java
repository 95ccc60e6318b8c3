package io.github.flinkexecutorch.jobs.files;

import java.time.Duration;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * What a job over files wants of Flink where the cluster's configuration and the user say nothing.
 */
@Internal
public final class JobDefaults {
  private static final int ATTEMPTS = 10;
  private static final int LOCAL_ATTEMPTS = 3; // somebody sits there and waits
  private static final Duration ALIGNMENT = Duration.ofMillis(100);

  /**
   * Sets them.
   *
   * @param checkpoints folder for checkpoints: requests in flight are part of them, and more than
   *     the JobManager would keep in memory
   */
  public static void apply(StreamExecutionEnvironment env, Path checkpoints) {
    boolean local = env instanceof LocalStreamEnvironment;
    Configuration defaults = new Configuration();
    if (isUnset(env, RestartStrategyOptions.RESTART_STRATEGY)) {
      defaults.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
      defaults.set(
          RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS,
          local ? LOCAL_ATTEMPTS : ATTEMPTS);
    }
    if (isUnset(env, CheckpointingOptions.CHECKPOINTS_DIRECTORY)) {
      OwnCheckpoints.put(checkpoints, defaults);
    }
    if (isUnset(env, CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION)) {
      defaults.set(
          CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
          ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    }
    // Thousands of records may wait before the readers of images: a checkpoint that stayed in line
    // behind them would take as long as their results.
    if (isUnset(env, CheckpointingOptions.ENABLE_UNALIGNED)) {
      defaults.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
    }
    // Without a time limit for their alignment, the barriers of unaligned checkpoints overtake the
    // splits that are on their way to a source, and a checkpoint has these neither here nor there.
    if (isUnset(env, CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT)) {
      defaults.set(CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT, ALIGNMENT);
    }
    if (local) {
      // Counts reach the progress bar with heartbeats.
      defaults.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofMillis(500));
    }
    env.configure(defaults);
  }

  private static boolean isUnset(StreamExecutionEnvironment env, ConfigOption<?> option) {
    return env.getConfiguration().getOptional(option).isEmpty();
  }

  private JobDefaults() {}
}
