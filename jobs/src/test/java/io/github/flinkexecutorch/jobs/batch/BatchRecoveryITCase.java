package io.github.flinkexecutorch.jobs.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.jobs.Checkpoints;
import io.github.flinkexecutorch.jobs.TestCluster;
import io.github.flinkexecutorch.jobs.files.JobDefaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are broken off in the middle, which a gate before the source makes sure of. */
class BatchRecoveryITCase {
  private static final int FILES = 30;
  private static final int RECORDS = 10;
  private static final int ALL = FILES * RECORDS;
  private static final int PART = ALL / 3;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @RegisterExtension static final MiniClusterExtension FLINK = TestCluster.withSlots(4);

  @TempDir private Path folder;

  private Path input;
  private List<String> ids;
  private BatchTestRun results;

  @BeforeEach
  void makeInput() throws IOException {
    input = Files.createDirectories(folder.resolve("input"));
    ids = new BatchFiles(input).write(FILES, RECORDS);
    Files.writeString(input.resolve("bad.jsonl"), "not JSON\n{\"id\":\"empty\"}\n");
    results = new BatchTestRun(folder.resolve("output"));
  }

  @AfterEach
  void openGate() {
    Gate.open();
  }

  @Test
  void shouldCompleteEveryRecordOnceWhenRescaledFromSavepoints() throws Exception {
    String first = stopInMiddle(BatchTestRun.environment(0), 2);
    int afterFirst = results.completions().size();
    String second = stopInMiddle(BatchTestRun.from(first), 4);
    int afterSecond = results.completions().size();
    Gate.open();
    StreamExecutionEnvironment env = BatchTestRun.from(second);
    BatchInferenceOptions options = options(1);
    BatchInferenceJob.requireRightOutput(env, options);
    BatchInferenceJob.define(env, options, new Gate(BatchTestRun.format(options)));
    BatchTestRun.run(env, options);

    assertThat(List.of(afterFirst, afterSecond - afterFirst, ALL - afterSecond))
        .as("completions of each of the three jobs")
        .allMatch(count -> count > 0);
    requireEveryRecordOnce();
    assertThat(results.report().get("completions").asInt())
        .as("counts of all three jobs")
        .isEqualTo(ALL);
    assertThat(BatchTestRun.byId(results.completions(), "completion")).isEqualTo(undisturbed());
  }

  @Test
  void shouldCompleteEveryRecordOnceWhenATaskFails() throws Exception {
    StreamExecutionEnvironment env = BatchTestRun.environment(2);
    BatchInferenceOptions options = options(2);
    failing(env, options);

    BatchTestRun.run(env, options);

    assertThat(FailBehindGate.hasFailed()).isTrue();
    requireEveryRecordOnce();
    assertThat(results.report().get("completions").asInt())
        .as("counts go on after the restart")
        .isEqualTo(ALL);
  }

  @Test
  void shouldResumeFromCheckpointOfFailedJob() throws Exception {
    StreamExecutionEnvironment failing = BatchTestRun.environment(0);
    failing(failing, options(2));
    assertThatThrownBy(() -> BatchTestRun.run(failing, options(2)))
        .hasStackTraceContaining("Injected failure");
    int before = results.completions().size();
    new BatchFiles(folder.resolve("input/later")).write(1, 5);

    StreamExecutionEnvironment env = BatchTestRun.from(lastCheckpoint());
    BatchInferenceOptions options = options(4);
    BatchInferenceJob.requireRightOutput(env, options);
    BatchInferenceJob.define(env, options, new Gate(BatchTestRun.format(options)));
    BatchTestRun.run(env, options);

    assertThat(before).isBetween(1, ALL - 1);
    requireEveryRecordOnce();
  }

  /**
   * Runs the job until a part of the records may have come through and some of these are in the
   * output, lets some more in and stops it.
   *
   * @return the savepoint
   */
  private String stopInMiddle(StreamExecutionEnvironment env, int parallelism) throws Exception {
    BatchInferenceOptions options = options(parallelism);
    int before = results.completions().size();
    Gate.letThrough(PART / 2);
    BatchInferenceJob.define(env, options, new Gate(BatchTestRun.format(options)));
    JobClient job = env.executeAsync();
    await().atMost(LIMIT).until(() -> results.completions().size() > before);
    Gate.letThrough(PART / 4);
    return job.stopWithSavepoint(
            false, folder.resolve("savepoints").toUri().toString(), SavepointFormatType.CANONICAL)
        .get();
  }

  /** The job, with a task that fails once there are completions, and records after them. */
  private void failing(StreamExecutionEnvironment env, BatchInferenceOptions options) {
    Gate.letThrough(PART);
    JobDefaults.apply(env, options.output().folder().checkpoints());
    options.configure(env);
    String output = results.output().toString();
    DataStream<RecordOrigin> records =
        BatchInferenceJob.read(env, options, new Gate(BatchTestRun.format(options)))
            .map(new FailBehindGate<>(() -> hasCompletions(output)))
            .returns(RecordOrigin.class)
            .uid("fail-once");
    Configuration inference = options.inference();
    BatchInferenceJob.write(
        BatchInferenceJob.complete(BatchInferenceJob.parse(records, options, inference), inference),
        options);
  }

  private static boolean hasCompletions(String output) {
    try {
      return !new BatchTestRun(Path.of(output)).completions().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BatchInferenceOptions options(int parallelism) {
    return results.options(input, "--parallelism=" + parallelism);
  }

  private void requireEveryRecordOnce() throws IOException {
    assertThat(BatchTestRun.ids(results.completions())).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(BatchTestRun.ids(results.deadLetters()))
        .containsExactlyInAnyOrder("bad.jsonl:0", "empty");
  }

  private Map<String, String> undisturbed() throws Exception {
    BatchTestRun other = new BatchTestRun(folder.resolve("undisturbed"));
    BatchTestRun.run(other.options(input, "--parallelism=2"));
    return BatchTestRun.byId(other.completions(), "completion");
  }

  private String lastCheckpoint() throws IOException {
    return Checkpoints.latest(results.output().resolve("checkpoints")).orElseThrow();
  }
}
