package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.junit.jupiter.api.Test;

/** What stands before the engine, in Flink's own asynchronous operator. */
class ServingTest {
  private final ExecuTorchException no =
      new ExecuTorchException(ErrorCode.INTERNAL, "code 1 in forward");

  @Test
  void shouldMarkTheStatsAndNothingElseWhenTheCacheAnswers() throws Exception {
    FakeEngine engine = FakeEngine.answering();
    try (LlmOperator operator =
        operator(engine, new ServingSettings(1 << 20, 1, 0, List.of(), MemoryCheck.NONE))) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"), InferenceRequest.of("b", "one"));

      List<Outcome> outcomes = operator.outcomes();
      assertThat(engine.submitted()).isEqualTo(1);
      assertThat(outcomes)
          .extracting(outcome -> outcome.stats().cached())
          .containsExactly(false, true);
      assertThat(outcomes.get(1).completion())
          .usingRecursiveComparison()
          .ignoringFields("id")
          .isEqualTo(outcomes.get(0).completion());
      assertThat(outcomes.get(1).stats().inferenceMs()).isZero();
      assertThat(outcomes.get(1).stats().generatedTokens())
          .isEqualTo(outcomes.get(0).stats().generatedTokens());
    }
  }

  @Test
  void shouldTryAgainAndThenWriteADeadLetterThatSaysHowOften() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator =
        operator(engine, new ServingSettings(0, 2, 0, List.of(), MemoryCheck.NONE))) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"), InferenceRequest.of("b", " "));
      engine.fail("a", no);
      assertThat(operator.outcomes()).isEmpty();
      engine.fail("a", no);

      Failure failure = operator.outcomes().get(0).failure();
      assertThat(failure.kind()).isEqualTo(FailureKind.GENERATION_FAILED);
      assertThat(failure.message()).isEqualTo("code 1 in forward");
      assertThat(failure.exceptionClass()).isEqualTo(ExecuTorchException.class.getName());
      assertThat(failure.tries()).isEqualTo(2);
      assertThat(operator.outcomes().get(1).failure().tries()).isZero();
    }
  }

  @Test
  void shouldCancelEveryTryWhenFlinkTimesOut() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator =
        new LlmOperator(
            name -> CompletableFuture.completedFuture(engine),
            OutputMode.ORDERED,
            10,
            new ServingSettings(1 << 20, 3, 0, List.of(), MemoryCheck.NONE))) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"));
      engine.fail("a", no);

      operator.advanceTo(11);

      assertThat(operator.outcomes().get(0).failure().kind()).isEqualTo(FailureKind.TIMEOUT);
      assertThat(engine.isCancelled("a")).isTrue();
    }
  }

  @Test
  void shouldKeepWhatWaitsForTheRateInCheckpoints() throws Exception {
    FakeEngine engine = FakeEngine.answering();
    OperatorSubtaskState snapshot;
    try (LlmOperator operator =
        operator(engine, new ServingSettings(0, 1, 1e-6, List.of(), MemoryCheck.NONE))) { // 11 days
      operator.open();
      operator.process(InferenceRequest.of("a", "one"), InferenceRequest.of("b", "two"));
      assertThat(operator.outcomes()).hasSize(1);
      snapshot = operator.snapshot();
    }
    assertThat(engine.submitted()).isEqualTo(1);
    TestCluster.requireNothingOpen(); // the clock's thread has ended

    try (LlmOperator operator = operator(FakeEngine.answering(), ServingSettings.PLAIN)) {
      operator.open(snapshot);
      operator.endInput();

      assertThat(operator.outcomes())
          .extracting(outcome -> outcome.completion().text())
          .containsExactly(FakeEngine.answerTo("two"));
    }
  }

  @Test
  void shouldWarmUpBeforeTheFirstRecord() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    ServingSettings settings = new ServingSettings(0, 1, 0, List.of(3, 7), MemoryCheck.NONE);
    CompletableFuture<ServedModel> served =
        CompletableFuture.supplyAsync(() -> open(engine, settings));
    await().until(() -> engine.submitted() == 1);
    assertThat(engine.request("warm-up").inputs().get(0).getTokens()).hasSize(3);
    GenerationConfig config = engine.request("warm-up").config();
    assertThat(config.maxNewTokens()).isEqualTo(2);
    assertThat(config.temperature()).isZero();
    assertThat(served).isNotDone();
    engine.answerTokens("warm-up");
    await().until(() -> engine.submitted() == 2);
    assertThat(engine.request("warm-up").inputs().get(0).getTokens()).hasSize(7);
    engine.answerTokens("warm-up");

    try (ServedModel model = served.join()) {
      assertThat(model.warmUpTime()).isPositive();
    }
  }

  @Test
  void shouldFailAtTheStartWhenTheModelTakesTooMuchMemory() {
    FakeEngine engine = FakeEngine.answering();
    ServingSettings strict = new ServingSettings(0, 1, 0, List.of(), MemoryCheck.FAIL);
    ServingSettings lenient = new ServingSettings(0, 1, 0, List.of(), MemoryCheck.WARN);

    assertThatThrownBy(() -> open(engine, strict))
        .hasRootCauseInstanceOf(InvalidModelException.class)
        .hasStackTraceContaining("taskmanager.memory.task.off-heap.size is 0 MiB. Set that to 1m")
        .hasStackTraceContaining("executorch.memory.check is FAIL");
    assertThat(engine.isClosed()).isTrue();
    open(FakeEngine.answering(), lenient).close();
  }

  @Test
  void shouldAnswerByTheNextVersionAfterACheckpointAndLoseNothing() throws Exception {
    VersionedFakes fakes = new VersionedFakes("v1");
    try (LlmOperator operator =
        new LlmOperator(fakes, OutputMode.UNORDERED, 0, ServingSettings.PLAIN)) {
      operator.open();
      operator.process(InferenceRequest.of("held", "one"));
      fakes.want("v2");
      fakes.load("v2");
      int answered = 0;
      while (fakes.engine("v2").submitted() == 0) { // each checkpoint looks whether it is loaded
        operator.completeCheckpoint();
        operator.process(InferenceRequest.of("next", "two"));
        boolean old = fakes.engine("v2").submitted() == 0;
        fakes.engine(old ? "v1" : "v2").answer("next");
        answered++;
        assertThat(operator.outcomes()).hasSize(answered);
      }
      assertThat(fakes.engine("v1").isClosed()).isFalse();
      fakes.engine("v1").answer("held");

      List<Outcome> outcomes = operator.outcomes();
      assertThat(outcomes).hasSize(answered + 1);
      assertThat(outcomes.get(answered - 1).completion().modelVersion()).isEqualTo("v2");
      assertThat(outcomes.get(answered).completion().id()).isEqualTo("held");
      assertThat(outcomes.get(answered).completion().modelVersion()).isEqualTo("v1");
      await().until(fakes.engine("v1")::isClosed);
    }
  }

  @Test
  void shouldFailTheTaskRatherThanEveryRecordWhenTheEngineHasEnded() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator = operator(engine, ServingSettings.PLAIN)) {
      operator.expectTaskFailure();
      operator.open();
      operator.process(InferenceRequest.of("a", "one"));

      engine.endAlone();
      engine.fail("a", no);

      assertThat(operator.taskFailure()).isPresent();
    }
  }

  private static LlmOperator operator(FakeEngine engine, ServingSettings settings)
      throws Exception {
    return new LlmOperator(
        name -> CompletableFuture.completedFuture(engine), OutputMode.ORDERED, 0, settings);
  }

  private static ServedModel open(FakeEngine engine, ServingSettings settings) {
    try {
      return ServedModel.open(
          name -> CompletableFuture.completedFuture(engine),
          settings,
          new NativeMemory(0, Long.MAX_VALUE, 0),
          null,
          "test");
    } catch (Exception e) {
      throw new SuppressRestartsException(e);
    }
  }
}
