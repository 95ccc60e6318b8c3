package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private final ManualTimer timer = new ManualTimer();
  private final FakeEngine engine = FakeEngine.answering();

  @Test
  void shouldLetThroughASecondsWorthAndThenOneAtATime() {
    RateLimit rate = limit(4);
    List<CompletableFuture<GenerationResult>> results = submit(rate, 10);
    assertThat(engine.submitted()).isEqualTo(4);
    assertThat(rate.waiting()).isEqualTo(6);

    timer.advance(249);
    assertThat(engine.submitted()).isEqualTo(4);
    timer.advance(1);
    assertThat(engine.submitted()).isEqualTo(5);
    timer.advance(500);
    assertThat(engine.submitted()).isEqualTo(7);
    timer.advance(10_000);

    assertThat(engine.submitted()).isEqualTo(10);
    assertThat(rate.waiting()).isZero();
    assertThat(results).allSatisfy(result -> assertThat(result.join().text()).startsWith("re: "));
  }

  @Test
  void shouldSaveUpNoMoreThanASecondsWorth() {
    RateLimit rate = limit(4);
    submit(rate, 4);
    timer.advance(3_600_000);

    submit(rate, 10);

    assertThat(engine.submitted()).isEqualTo(8);
  }

  @Test
  void shouldTakeRatesBelowOnePerSecond() {
    RateLimit rate = limit(0.5);
    submit(rate, 2);
    assertThat(engine.submitted()).isEqualTo(1);

    timer.advance(1_999);
    assertThat(engine.submitted()).isEqualTo(1);
    timer.advance(1);
    assertThat(engine.submitted()).isEqualTo(2);
  }

  @Test
  void shouldNotBeginWhatWasCancelledWhileItWaited() {
    RateLimit rate = limit(1);
    List<CompletableFuture<GenerationResult>> results = submit(rate, 2);

    results.get(1).cancel(true);
    timer.advance(10_000);

    assertThat(engine.submitted()).isEqualTo(1);
  }

  /** As rows do that time out: the rate would otherwise go to those that nobody waits for. */
  @Test
  void shouldGiveTheTurnOfWhatWasCancelledToTheNext() {
    RateLimit rate = limit(1);
    List<CompletableFuture<GenerationResult>> results = submit(rate, 100);

    results.subList(1, 99).forEach(result -> result.cancel(true));

    assertThat(rate.waiting()).isEqualTo(1);
    timer.advance(1_000);
    assertThat(engine.submitted()).isEqualTo(2);
    assertThat(results.get(99).join().text()).isEqualTo("re: prompt 99");
    timer.advance(999);
    CompletableFuture<GenerationResult> next = submit(rate, 1).get(0);
    assertThat(next).isNotDone();
    timer.advance(1);
    assertThat(next).isDone();
  }

  @Test
  void shouldFailARequestThatCannotBeBegunAndNoOther() {
    RateLimit rate =
        new RateLimit(
            1,
            timer,
            request -> {
              if (request.id().equals("1")) {
                throw new IllegalStateException("no");
              }
              return engine.submit(request);
            });
    List<CompletableFuture<GenerationResult>> results = submit(rate, 3);

    timer.advance(10_000);

    assertThatThrownBy(results.get(1)::join).hasMessageContaining("no");
    assertThat(results.get(2)).isCompleted();
  }

  @Test
  void shouldStopAGenerationThatHadToWait() {
    FakeEngine held = FakeEngine.holding();
    RateLimit rate = new RateLimit(1, timer, held::submit);
    List<CompletableFuture<GenerationResult>> results = submit(rate, 2);
    timer.advance(10_000);

    results.get(1).cancel(true);

    assertThat(held.isCancelled("1")).isTrue();
  }

  @Test
  void shouldCancelWhatWaitsWhenClosed() {
    RateLimit rate = limit(1);
    List<CompletableFuture<GenerationResult>> results = submit(rate, 2);

    rate.close();

    assertThatThrownBy(results.get(1)::join).isInstanceOf(CancellationException.class);
    assertThat(timer.isClosed()).isTrue();
    assertThat(submit(rate, 1).get(0)).isCompletedExceptionally();
  }

  private RateLimit limit(double perSecond) {
    return new RateLimit(perSecond, timer, engine::submit);
  }

  private static List<CompletableFuture<GenerationResult>> submit(RateLimit rate, int count) {
    List<CompletableFuture<GenerationResult>> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      results.add(
          rate.generate(
              GenerationRequest.of(Integer.toString(i), "prompt " + i, GenerationConfig.greedy())));
    }
    return results;
  }
}
