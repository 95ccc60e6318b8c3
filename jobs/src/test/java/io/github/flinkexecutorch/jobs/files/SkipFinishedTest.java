package io.github.flinkexecutorch.jobs.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.StreamFilter;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkipFinishedTest {
  @TempDir private Path folder;

  @BeforeEach
  void makeResultsOfAnEarlierRun() throws IOException {
    write("part-0.jsonl", "a");
  }

  @Test
  void shouldSkipAfterARestartWhatItSkippedBeforeAndNoMore() throws Exception {
    Subtask first = run(1, 0, null, "a", "b", "c");
    write("part-1.jsonl", "b"); // this run's: another file may have a record of this id
    Subtask restarted = run(1, 0, first.state(), "a", "b", "c");

    assertThat(first.passed()).containsExactly("b", "c");
    assertThat(restarted.passed()).containsExactly("b", "c");
  }

  @Test
  void shouldTellEverySubtaskWhenRescaled() throws Exception {
    OperatorSubtaskState state = run(1, 0, null).state();
    write("part-1.jsonl", "b");

    for (int subtask = 0; subtask < 2; subtask++) {
      OperatorSubtaskState share =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(state, 2, 1, 2, subtask);
      assertThat(run(2, subtask, share, "a", "b").passed()).containsExactly("b");
    }
  }

  /** What a subtask has let through, and its state then. */
  private record Subtask(List<String> passed, OperatorSubtaskState state) {}

  /**
   * @param state {@code null} at the start of a run
   */
  private Subtask run(int parallelism, int index, OperatorSubtaskState state, String... ids)
      throws Exception {
    OutputFolder output = OutputFolder.of(folder.toString());
    var filter =
        new OneInputStreamOperatorTestHarness<String, String>(
            new StreamFilter<>(new SkipFinished<String>(output, "results", id -> id)),
            2,
            parallelism,
            index);
    if (state != null) {
      filter.initializeState(state);
    }
    filter.open();
    for (String id : ids) {
      filter.processElement(id, 0);
    }
    Subtask subtask = new Subtask(filter.extractOutputValues(), filter.snapshot(1, 0));
    filter.close();
    return subtask;
  }

  private void write(String part, String id) throws IOException {
    Path results = Files.createDirectories(folder.resolve("results"));
    Files.writeString(results.resolve(part), "{\"id\":\"%s\"}\n".formatted(id));
  }
}
