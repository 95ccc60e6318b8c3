package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** One step of a running job, operator by operator. */
class StepProfileITCase {
  private static final int TICKETS = 20;

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  @TempDir private Path folder;

  private CapturedLog log;

  @BeforeEach
  void capture() {
    log = CapturedLog.capture();
  }

  @AfterEach
  void release() {
    log.close();
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldShowTheTimesOfAStepAndChangeNoCompletion() throws Exception {
    Map<String, String> without = completions(Tickets.batchedOptions());
    assertThat(log.text()).doesNotContain("the whole execution");

    Configuration options = Tickets.batchedOptions();
    options.set(ExecuTorchOptions.PROFILE_STEP, 3L);
    options.set(ExecuTorchOptions.PROFILE_DIRECTORY, folder.toString());
    assertThat(completions(options)).isEqualTo(without);

    assertThat(log.text())
        .containsOnlyOnce("the whole execution")
        .contains("Step 3 of engine", "llm::paged_attention.out");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files)
          .singleElement()
          .satisfies(
              file -> {
                assertThat(file.getFileName().toString()).endsWith("-step-3.etdp");
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).contains("ED00");
              });
    }
  }

  private static Map<String, String> completions(Configuration options) throws Exception {
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    var completed = Tickets.inference(env, options, Tickets.records(TICKETS)).completions();
    var collected = completed.collectAsync();
    env.execute();
    List<Completion> completions = new ArrayList<>();
    collected.forEachRemaining(completions::add);
    return completions.stream().collect(toMap(Completion::id, Completion::text));
  }
}
