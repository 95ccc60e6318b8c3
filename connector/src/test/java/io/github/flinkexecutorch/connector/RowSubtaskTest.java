package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.FinishReason;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.Test;

class RowSubtaskTest {
  private static final Duration NONE = Duration.ZERO;
  private static final TaskInfo TASK = new TaskInfoImpl("predict", 1, 0, 1, 2);

  /** Of {@link FolderStore}, which is read against the clock. */
  private static final List<String> ROOTS = List.of("store://bucket/");

  private final MetricListener metrics = new MetricListener();

  @Test
  void shouldCompleteRowsAndCountThem() throws Exception {
    try (RowSubtask rows = open(FakeEngine.answering())) {
      Outcome outcome = rows.complete(List.of("one"), List.of(), NONE).join();

      assertThat(outcome.completion().text()).isEqualTo(FakeEngine.answerTo("one"));
      assertThat(outcome.completion().finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(rows.modelDigest()).isEqualTo(FakeEngine.DIGEST);
      assertThat(count("completions")).isEqualTo(1);
    }
  }

  @Test
  void shouldCountRowsThatFailedAndThoseThatWereDropped() throws Exception {
    try (RowSubtask rows = open(FakeEngine.answering())) {
      Outcome outcome = rows.complete(Arrays.asList((String) null), List.of(), NONE).join();
      rows.skip();

      assertThat(outcome.failure().kind()).isEqualTo(FailureKind.MISSING_FIELD);
      assertThat(outcome.failure().attempt()).isEqualTo(2);
      assertThat(count("kind", "MISSING_FIELD", "failures")).isEqualTo(1);
      assertThat(count("skipped")).isEqualTo(1);
    }
  }

  /** Before Flink would fail the job for it. */
  @Test
  void shouldStopARowThatTakesTooLong() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (RowSubtask rows = open(engine)) {
      Outcome outcome = rows.complete(List.of("one"), List.of(), Duration.ofMillis(1)).join();

      assertThat(outcome.failure().kind()).isEqualTo(FailureKind.TIMEOUT);
      assertThat(outcome.failure().message()).contains("within 1 ms", "max-concurrent-operations");
      assertThat(engine.isCancelled(outcome.failure().id())).isTrue();
    }
    TestCluster.requireNothingOpen(); // the clock's thread has ended
  }

  @Test
  void shouldFailOnlyWithWhatMakesTheEngineUnusable() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (RowSubtask rows = open(engine)) {
      CompletableFuture<Outcome> bad = rows.complete(List.of("one"), List.of(), NONE);
      CompletableFuture<Outcome> fatal = rows.complete(List.of("two"), List.of(), NONE);
      engine.fail(idOf("one"), new IllegalStateException("one is private"));
      engine.fail(idOf("two"), new InvalidModelException("The model is gone."));

      assertThat(bad.join().failure().kind()).isEqualTo(FailureKind.GENERATION_FAILED);
      assertThat(bad.join().failure().message()).doesNotContain("private");
      assertThatThrownBy(fatal::join).hasRootCauseInstanceOf(InvalidModelException.class);
    }
  }

  @Test
  void shouldDropWhatIsOutstandingWhenClosed() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    RowSubtask rows = open(engine);
    CompletableFuture<Outcome> outstanding = rows.complete(List.of("one"), List.of(), NONE);

    rows.close();

    await().until(engine::isClosed);
    assertThat(outstanding).isNotDone();
  }

  @Test
  void shouldCloseWhatReadsImagesWhenTheEngineCannotBeOpened() throws Exception {
    Configuration options = new Configuration().set(ExecuTorchOptions.IMAGE_ROOTS, ROOTS);
    ImageReader reader =
        new ImageReader(
            options, new ModelImages(options), new ImageMetrics(metrics.getMetricGroup()));
    Set<Thread> before = clocks();
    assertThatThrownBy(() -> reader.read(RequestImage.ofReference("missing.png")))
        .isInstanceOf(RejectedRecordException.class); // with a clock that runs from now on
    Set<Thread> started = clocks();
    started.removeAll(before);
    assertThat(started).hasSize(1);
    RowInference rows =
        new RowInference(
            options,
            List.of("x"),
            List.of("picture"),
            name -> CompletableFuture.failedFuture(new InvalidModelException("There is none.")));

    assertThatThrownBy(() -> rows.open(metrics.getMetricGroup(), TASK, reader))
        .hasRootCauseMessage("There is none.");

    await().until(() -> started.stream().noneMatch(Thread::isAlive));
  }

  private static Set<Thread> clocks() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("llm-image-clock"))
        .collect(toSet());
  }

  private RowSubtask open(FakeEngine engine) throws Exception {
    return new RowInference(
            new Configuration(),
            List.of("x"),
            List.of(),
            name -> CompletableFuture.completedFuture(engine))
        .open(metrics.getMetricGroup(), TASK);
  }

  private static String idOf(String prompt) {
    return new RowReader(new Configuration(), List.of("x"), List.of())
        .read(List.of(prompt), List.of())
        .id();
  }

  private long count(String... name) {
    String[] full = new String[name.length + 1];
    full[0] = "executorch";
    System.arraycopy(name, 0, full, 1, name.length);
    return metrics.getCounter(full).map(Counter::getCount).orElseThrow();
  }
}
