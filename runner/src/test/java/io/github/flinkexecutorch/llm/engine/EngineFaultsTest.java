package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails, fails alone. */
@Tag("native")
@Timeout(60)
class EngineFaultsTest {
  private static final BatchedGoldens MODEL = BatchedGoldens.exact();
  private static final EngineOptions TWO = EngineOptions.DEFAULTS.withMaxSequences(2);

  @AfterEach
  void everythingReleased() throws InterruptedException {
    Engines.assertAllClosed();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 40})
  void shouldFailOnlyWhatWasInTheFailedStep(int execution) {
    FaultyModel faults = FaultyModel.failing(number -> number == execution);
    try (LLMEngine engine = Engines.open(MODEL.spec(), TWO, faults)) {
      List<CompletableFuture<GenerationResult>> futures = submitGoldens(engine);

      int failed = 0;
      for (int i = 0; i < futures.size(); i++) {
        try {
          assertThat(futures.get(i).get().tokens()).isEqualTo(golden(i).tokens());
        } catch (ExecutionException e) {
          assertThat(e.getCause())
              .isInstanceOf(ExecuTorchException.class)
              .hasMessageContaining(FaultyModel.FAILURE);
          failed++;
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }

      assertThat(failed).isBetween(1, 2);
      assertThat(engine.stats().failedSteps()).isOne();
      for (int i = 0; i < MODEL.goldens().size(); i++) { // nothing of the failed step is shared
        assertThat(engine.submit(golden(i).request()).join().tokens())
            .isEqualTo(golden(i).tokens());
      }
    }
  }

  @Test
  void shouldGoOnHoweverOftenStepsFail() {
    FaultyModel faults = FaultyModel.failing(number -> number % 7 == 3);
    try (LLMEngine engine = Engines.open(MODEL.spec(), EngineOptions.DEFAULTS, faults)) {
      for (int i = 0; i < 100; i++) {
        BatchedGoldens.Golden golden = golden(i % MODEL.goldens().size());
        GenerationConfig config = BatchedGoldens.greedy(1 + i % 6);
        var future = engine.submit(golden.request().withConfig(config));
        if (future.handle((result, failure) -> failure == null).join()) {
          assertThat(future.join().tokens())
              .isEqualTo(golden.tokens().subList(0, config.maxNewTokens()));
        }
      }
      assertThat(engine.stats().failedSteps()).isGreaterThan(10);
      assertThat(Engines.idleStats(engine).usedPages()).isZero();
    }
  }

  @Test
  void shouldEndForEverybodyIfTheModelCannotBeLoadedAgain() {
    Semaphore gate = new Semaphore(0);
    FaultyModel faults = FaultyModel.failing(number -> number == 3).withoutRecovery();
    try (LLMEngine engine =
        Engines.open(
            MODEL.spec(), TWO, model -> FaultyModel.gated(gate).apply(faults.apply(model)))) {
      List<CompletableFuture<GenerationResult>> futures = submitGoldens(engine);
      List<Boolean> closed = new CopyOnWriteArrayList<>();
      for (CompletableFuture<GenerationResult> future : futures) {
        var unused =
            future.whenComplete(
                (result, failure) -> {
                  if (failure != null && failure.getMessage().contains("the model is gone")) {
                    closed.add(engine.isClosed());
                  }
                });
      }
      gate.release(1000);

      for (CompletableFuture<GenerationResult> future : futures) {
        assertThatThrownBy(future::get)
            .cause()
            .isInstanceOf(ExecuTorchException.class)
            .hasMessageMatching(".*(" + FaultyModel.FAILURE + "|the model is gone).*");
      }
      assertThatThrownBy(() -> engine.submit(golden(0).request()).get())
          .cause()
          .isInstanceOf(ExecuTorchException.class)
          .hasMessageContaining("the model is gone");
      engine.drain().join(); // who waits for a request may know before it is not counted any more
      assertThat(closed).as("whether it was closed when they heard of it").containsOnly(true);
      assertThat(engine.inFlight()).isZero();
    }
  }

  @Test
  void shouldOpenAnotherEngineForThoseWhoComeAfterOneThatEnded() {
    InferenceEngine first = SharedEngines.lease(MODEL.spec(), TWO, "shared").join();
    LLMEngine ended = SharedEngines.open().get(0);
    ended.close();

    InferenceEngine next = SharedEngines.lease(MODEL.spec(), TWO, "shared").join();

    assertThat(next.submit(golden(0).request()).join().tokens()).isEqualTo(golden(0).tokens());
    first.close();
    assertThat(next.submit(golden(0).request()).join().tokens()).isEqualTo(golden(0).tokens());
    next.close();
    assertThat(SharedEngines.open()).isEmpty();
  }

  @Test
  void shouldFailTheRequestWhoseListenerThrows() {
    try (LLMEngine engine = LLMEngine.open(MODEL.spec(), TWO, "test")) {
      List<String> pieces = new ArrayList<>();
      var faulty =
          engine.submit(
              golden(0)
                  .request()
                  .withListener(
                      piece -> {
                        pieces.add(piece);
                        if (pieces.size() == 5) {
                          throw new IllegalStateException("nobody listens");
                        }
                      }));
      var good = engine.submit(golden(1).request());

      assertThatThrownBy(faulty::get)
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("nobody listens");
      assertThat(good.join().tokens()).isEqualTo(golden(1).tokens());
      assertThat(pieces).hasSize(5);
      assertThat(engine.submit(golden(0).request()).join().tokens()).isEqualTo(golden(0).tokens());
    }
  }

  @Test
  void shouldCompleteEverythingWhenClosedDuringWork() {
    Semaphore gate = new Semaphore(golden(0).tokens().size()); // steps of the first
    LLMEngine engine = Engines.open(MODEL.spec(), TWO, FaultyModel.gated(gate));
    List<CompletableFuture<GenerationResult>> futures = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      futures.addAll(submitGoldens(engine));
    }
    var unused =
        CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
            .whenComplete((done, failure) -> gate.release(1000)); // the last is not complete before
    futures.get(0).join();

    engine.close();

    assertThat(futures).allMatch(CompletableFuture::isDone);
    assertThatThrownBy(futures.get(futures.size() - 1)::join)
        .isInstanceOf(CancellationException.class);
    assertThat(engine.inFlight()).isZero();
    assertThat(engine.submit(golden(0).request())).isCompletedExceptionally();
    assertThatThrownBy(engine.submit(golden(0).request())::join)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("engine test was closed");
    engine.close(); // again
  }

  @Test
  void shouldCloseOnItsOwnThreads() {
    LLMEngine engine = LLMEngine.open(MODEL.spec(), TWO, "test");
    var closing = engine.submit(golden(0).request().withListener(piece -> engine.close()));

    assertThatThrownBy(closing::join).isInstanceOf(CancellationException.class);
  }

  /** A step that takes longer than the closing waits for: its memory is freed by its own thread. */
  @Test
  void shouldLeaveTheMemoryOfAStepThatIsBeingComputed() throws InterruptedException {
    Semaphore gate = new Semaphore(0);
    LLMEngine engine = Engines.open(MODEL.spec(), TWO, FaultyModel.gated(gate));
    var stuck = engine.submit(golden(0).request());
    while (!gate.hasQueuedThreads()) {
      Thread.sleep(1);
    }

    engine.close();

    assertThat(stuck).isCompletedExceptionally();
    assertThat(SharedPrograms.open()).hasSize(1);
    gate.release();
  }

  private static List<CompletableFuture<GenerationResult>> submitGoldens(LLMEngine engine) {
    return MODEL.goldens().stream().map(golden -> engine.submit(golden.request())).toList();
  }

  private static BatchedGoldens.Golden golden(int number) {
    return MODEL.goldens().get(number);
  }
}
