package io.github.flinkexecutorch.jobs.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class JobDefaultsTest {

  /** Flink delivers an unaligned barrier before the splits that were sent earlier. */
  @Test
  void shouldLetNoBarrierOvertakeTheSplitsOfASource() {
    StreamExecutionEnvironment env = environment(new Configuration());

    assertThat(env.getConfiguration().get(CheckpointingOptions.ENABLE_UNALIGNED)).isTrue();
    CheckpointOptions atSource =
        CheckpointOptions.forConfig(
            CheckpointType.CHECKPOINT,
            CheckpointStorageLocationReference.getDefault(),
            true,
            true,
            env.getCheckpointConfig().getAlignedCheckpointTimeout().toMillis());
    assertThat(atSource.getAlignment()).isEqualTo(CheckpointOptions.AlignmentType.ALIGNED);
  }

  @Test
  void shouldLeaveWhatIsSet() {
    Configuration cluster = new Configuration();
    cluster.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    cluster.set(CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT, Duration.ofSeconds(3));
    cluster.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file:///elsewhere");

    StreamExecutionEnvironment env = environment(cluster);

    assertThat(env.getConfiguration().get(RestartStrategyOptions.RESTART_STRATEGY))
        .isEqualTo("none");
    assertThat(env.getCheckpointConfig().getAlignedCheckpointTimeout()).hasSeconds(3);
    assertThat(env.getConfiguration().get(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
        .isEqualTo("file:///elsewhere");
  }

  private static StreamExecutionEnvironment environment(Configuration cluster) {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(cluster);
    JobDefaults.apply(env, new Path("/out/checkpoints"));
    return env;
  }
}
