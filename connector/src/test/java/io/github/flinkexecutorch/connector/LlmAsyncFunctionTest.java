package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.FinishReason;
import io.github.flinkexecutorch.llm.engine.GenerationTimeoutException;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.junit.jupiter.api.Test;

class LlmAsyncFunctionTest {
  private static final long NO_TIMEOUT = 0;

  @Test
  void shouldCompleteInRequestOrderWhenOrdered() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"), InferenceRequest.of("b", "two"));

      engine.answer("b");
      assertThat(operator.outcomes()).isEmpty();
      engine.answer("a");

      assertThat(operator.outcomes())
          .extracting(outcome -> outcome.completion().text())
          .containsExactly(FakeEngine.answerTo("one"), FakeEngine.answerTo("two"));
    }
  }

  @Test
  void shouldCompleteAsAnsweredWhenUnordered() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.UNORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"), InferenceRequest.of("b", "two"));

      engine.answer("b");
      assertThat(operator.outcomes())
          .extracting(outcome -> outcome.completion().id())
          .containsExactly("b");
      engine.answer("a");

      assertThat(operator.outcomes())
          .extracting(outcome -> outcome.completion().id())
          .containsExactly("b", "a");
    }
  }

  @Test
  void shouldCarryKeyCountsAndDigestIntoCompletionAndStats() throws Exception {
    byte[] key = "k".getBytes(StandardCharsets.UTF_8);
    RecordOrigin origin = new RecordOrigin("tickets", 0, 42, 7, key, new byte[3], null);
    try (LlmOperator operator =
        new LlmOperator(FakeEngine.answering(), OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(new InferenceRequest("a", "one", null, null, origin, null));

      Outcome outcome = operator.outcomes().get(0);
      assertThat(outcome.failure()).isNull();
      assertThat(outcome.completion())
          .usingRecursiveComparison()
          .isEqualTo(
              new Completion(
                  "a",
                  key,
                  FakeEngine.answerTo("one"),
                  FinishReason.STOP,
                  7,
                  20,
                  FakeEngine.DIGEST));
      assertThat(outcome.stats())
          .usingRecursiveComparison()
          .ignoringFields("tokensPerSecond")
          .isEqualTo(
              new StatsReport("a", key, 0, 7, 3, 20, 10, 50, 40, 160, 200, 100, FakeEngine.DIGEST));
    }
  }

  @Test
  void shouldPassRejectedRequestOnWithoutAskingTheEngine() throws Exception {
    FakeEngine engine = FakeEngine.answering();
    Rejection rejection =
        new Rejection(FailureKind.MALFORMED, FailureStage.PARSE, "not JSON", "java.lang.X");
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(new InferenceRequest("a", null, null, null, null, rejection));

      Failure failure = operator.outcomes().get(0).failure();
      assertThat(failure.kind()).isEqualTo(FailureKind.MALFORMED);
      assertThat(failure.stage()).isEqualTo(FailureStage.PARSE);
      assertThat(failure.message()).isEqualTo("not JSON");
      assertThat(failure.exceptionClass()).isEqualTo("java.lang.X");
      assertThat(engine.request("a")).isNull();
    }
  }

  @Test
  void shouldFailRequestWithoutAskingTheEngineWhenOverrideIsOutOfRange() throws Exception {
    FakeEngine engine = FakeEngine.answering();
    RequestOverrides cold = new RequestOverrides(-1f, null, null, null, null);
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one", cold));

      Failure failure = operator.outcomes().get(0).failure();
      assertThat(failure.kind()).isEqualTo(FailureKind.INVALID_PARAMETER);
      assertThat(failure.message()).contains("temperature", "-1");
      assertThat(engine.request("a")).isNull();
    }
  }

  @Test
  void shouldFailRequestWhenPromptIsBlank() throws Exception {
    FakeEngine engine = FakeEngine.answering();
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(InferenceRequest.of("a", " \n "));

      assertThat(operator.outcomes().get(0).failure().kind()).isEqualTo(FailureKind.EMPTY_PROMPT);
      assertThat(engine.request("a")).isNull();
    }
  }

  @Test
  void shouldGoOnWithNextRequestWhenGenerationFailed() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"), InferenceRequest.of("b", "two"));

      engine.fail("a", new ExecuTorchException(ErrorCode.INVALID_ARGUMENT, "code 18 in forward"));
      engine.answer("b");

      Failure failure = operator.outcomes().get(0).failure();
      assertThat(failure.kind()).isEqualTo(FailureKind.GENERATION_FAILED);
      assertThat(failure.stage()).isEqualTo(FailureStage.GENERATE);
      assertThat(failure.message()).isEqualTo("code 18 in forward");
      assertThat(operator.outcomes().get(1).completion().id()).isEqualTo("b");
      assertThat(operator.taskFailure()).isEmpty();
    }
  }

  @Test
  void shouldReportTimeoutOfTheEngine() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"));

      engine.fail("a", new GenerationTimeoutException("ran 5 s"));

      assertThat(operator.outcomes().get(0).failure().kind()).isEqualTo(FailureKind.TIMEOUT);
    }
  }

  @Test
  void shouldCancelGenerationOnceWhenFlinkTimesOut() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, 10)) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"));

      operator.advanceTo(11);

      assertThat(operator.outcomes())
          .extracting(outcome -> outcome.failure().kind())
          .containsExactly(FailureKind.TIMEOUT);
      assertThat(engine.isCancelled("a")).isTrue();
      assertThat(operator.taskFailure()).isEmpty();
    }
  }

  @Test
  void shouldNeverTimeOutWhileQueuedWhenFlinkTimeoutIsOff() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(InferenceRequest.of("a", "one"));

      operator.advanceTo(Long.MAX_VALUE - 1);
      assertThat(operator.outcomes()).isEmpty();
      engine.answer("a");

      assertThat(operator.outcomes().get(0).completion().id()).isEqualTo("a");
    }
  }

  @Test
  void shouldFailTaskWithoutShowingThePromptWhenRuntimeIsDead() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    try (LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.expectTaskFailure();
      operator.open();
      operator.process(InferenceRequest.of("a", "secret words"));

      engine.fail("a", new OutOfMemoryError("native"));

      assertThat(operator.taskFailure()).isPresent();
      assertThat(operator.taskFailure().get())
          .hasRootCauseInstanceOf(OutOfMemoryError.class)
          .message()
          .contains("InferenceRequest[a")
          .doesNotContain("secret");
    }
  }

  @Test
  void shouldRunRequestsInFlightAgainAfterRestore() throws Exception {
    OperatorSubtaskState snapshot;
    FakeEngine before = FakeEngine.holding();
    try (LlmOperator operator = new LlmOperator(before, OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open();
      operator.process(
          InferenceRequest.of("a", "one"),
          InferenceRequest.of("b", "two"),
          InferenceRequest.of("c", "three"));
      before.answer("a");
      assertThat(operator.outcomes()).hasSize(1);
      before.answer("c"); // finished, but not emitted before b
      snapshot = operator.snapshot();
    }

    try (LlmOperator operator =
        new LlmOperator(FakeEngine.answering(), OutputMode.ORDERED, NO_TIMEOUT)) {
      operator.open(snapshot);
      operator.endInput();

      assertThat(operator.outcomes())
          .extracting(outcome -> outcome.completion().text())
          .containsExactly(FakeEngine.answerTo("two"), FakeEngine.answerTo("three"));
    }
  }

  @Test
  void shouldDropLateAnswersAndCloseEngineWhenClosedDuringGeneration() throws Exception {
    FakeEngine engine = FakeEngine.holding();
    LlmOperator operator = new LlmOperator(engine, OutputMode.ORDERED, NO_TIMEOUT);
    operator.open();
    operator.process(InferenceRequest.of("a", "one"));

    operator.close();

    assertThat(engine.isClosed()).isTrue();
    assertThat(operator.taskFailure()).isEmpty();
    assertThat(operator.outcomes()).isEmpty();
  }
}
