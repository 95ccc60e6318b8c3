package io.github.flinkexecutorch.jobs.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnCheckpointsTest {
  private static final String JOB = "0123456789abcdef0123456789abcdef/";
  private static final String EARLIER_JOB = "ffffffffffffffffffffffffffffffff/";

  @TempDir private Path checkpoints;

  @BeforeEach
  void makeFoldersOfTwoJobs() throws IOException {
    checkpoints = checkpoints.resolve("checkpoints");
    Files.createDirectories(checkpoints.resolve(JOB + "taskowned"));
    write(JOB + "shared/state");
    write(EARLIER_JOB + "chk-7/_metadata");
  }

  @Test
  void shouldRemoveWhatJobsHaveLeft() {
    OwnCheckpoints.remove(environment(new Configuration()));

    assertThat(checkpoints).doesNotExist();
  }

  @Test
  void shouldLeaveWhatNoJobHasMade() throws IOException {
    write("epoch-1/weights.bin");
    write("abcdefabcdefabcdefabcdefabcdefab/weights.bin");
    write("last.txt");

    OwnCheckpoints.remove(environment(new Configuration()));

    try (var left = Files.list(checkpoints)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("epoch-1", "abcdefabcdefabcdefabcdefabcdefab", "last.txt");
    }
    assertThat(checkpoints.resolve("epoch-1/weights.bin")).exists();
    assertThat(checkpoints.resolve("abcdefabcdefabcdefabcdefabcdefab/weights.bin")).exists();
  }

  @Test
  void shouldLeaveFolderThatTheClusterNames() {
    Configuration cluster = new Configuration();
    cluster.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());

    OwnCheckpoints.remove(environment(cluster));

    assertThat(checkpoints.resolve(JOB)).exists();
    assertThat(checkpoints.resolve(EARLIER_JOB + "chk-7/_metadata")).exists();
  }

  private StreamExecutionEnvironment environment(Configuration cluster) {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(cluster);
    JobDefaults.apply(env, new org.apache.flink.core.fs.Path(checkpoints.toString()));
    return env;
  }

  private void write(String name) throws IOException {
    Path file = checkpoints.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name);
  }
}
