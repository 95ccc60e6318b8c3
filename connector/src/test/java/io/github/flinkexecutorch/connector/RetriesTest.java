package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.GenerationTimeoutException;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private final ExecuTorchException no =
      new ExecuTorchException(ErrorCode.INTERNAL, "the runtime says no");

  private final FakeEngine engine = FakeEngine.holding();
  private final Retries retries = new Retries(engine::submit, engine::isClosed, 3);

  @Test
  void shouldGenerateTheSameRequestAgain() {
    CompletableFuture<GenerationResult> result = retries.generate(request("a"));
    GenerationRequest first = engine.request("a");

    engine.fail("a", no);
    assertThat(result).isNotDone();
    assertThat(engine.request("a")).isSameAs(first); // its seed with it
    engine.answer("a");

    assertThat(result.join().text()).isEqualTo(FakeEngine.answerTo("prompt a"));
    assertThat(retries.retries()).isEqualTo(1);
  }

  @Test
  void shouldGiveUpAfterTheLastTryAndSayHowManyThereWere() {
    CompletableFuture<GenerationResult> result = retries.generate(request("a"));

    engine.fail("a", no);
    engine.fail("a", no);
    assertThat(result).isNotDone();
    engine.fail("a", no);

    assertThat(engine.submitted()).isEqualTo(3);
    assertThatThrownBy(result::join)
        .isInstanceOf(TriesExhaustedException.class)
        .cause()
        .isSameAs(no);
    Throwable failure = result.handle((none, thrown) -> thrown).join();
    assertThat(TriesExhaustedException.triesOf(failure)).isEqualTo(3);
  }

  @Test
  void shouldNotTryAgainWhatCanNeverWork() {
    CompletableFuture<GenerationResult> invalid = retries.generate(request("a"));
    CompletableFuture<GenerationResult> late = retries.generate(request("b"));

    engine.fail("a", new InvalidRequestException(Reason.CONTEXT_OVERFLOW, "too long"));
    engine.fail("b", new GenerationTimeoutException("late"));

    assertThatThrownBy(invalid::join).hasRootCauseInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(late::join).hasRootCauseInstanceOf(GenerationTimeoutException.class);
    assertThat(engine.submitted()).isEqualTo(2);
  }

  /** Two that failed in one step are never again in one, so the good one of them works. */
  @Test
  void shouldTryOneAfterTheOther() {
    CompletableFuture<GenerationResult> poison = retries.generate(request("poison"));
    CompletableFuture<GenerationResult> good = retries.generate(request("good"));
    assertThat(engine.inFlight()).isEqualTo(2);

    engine.fail("poison", no);
    engine.fail("good", no);
    assertThat(engine.inFlight()).isEqualTo(1); // the poison's second try

    engine.fail("poison", no);
    assertThat(engine.inFlight()).isEqualTo(1); // the good one's
    engine.answer("good");
    assertThat(good.join().text()).isEqualTo(FakeEngine.answerTo("prompt good"));
    engine.fail("poison", no);

    assertThat(poison).isCompletedExceptionally();
    assertThat(engine.inFlight()).isZero();
  }

  @Test
  void shouldFailForGoodWhenTheEngineCannotGoOn() {
    CompletableFuture<GenerationResult> result = retries.generate(request("a"));
    CompletableFuture<GenerationResult> running = engine.held("a");

    engine.endAlone();
    running.completeExceptionally(no);

    assertThat(result).isCompletedExceptionally();
    assertThatThrownBy(result::join)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("cannot go on");
    assertThat(FailureClassifier.classify(result.handle((none, failure) -> failure).join()))
        .isEqualTo(FailureKind.FATAL);
  }

  @Test
  void shouldStopWhicheverTryIsRunningWhenCancelled() {
    CompletableFuture<GenerationResult> result = retries.generate(request("a"));
    engine.fail("a", no);

    result.cancel(true);

    assertThat(engine.isCancelled("a")).isTrue();
    CompletableFuture<GenerationResult> next = retries.generate(request("b"));
    engine.fail("b", no);
    engine.answer("b"); // the place of the cancelled one is free
    assertThat(next.join().text()).isEqualTo(FakeEngine.answerTo("prompt b"));
  }

  private static GenerationRequest request(String id) {
    return GenerationRequest.of(id, "prompt " + id, GenerationConfig.greedy());
  }
}
