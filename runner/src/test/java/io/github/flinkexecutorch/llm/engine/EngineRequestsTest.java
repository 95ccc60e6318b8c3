package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.image.Image;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways of a request through an engine: refused, cancelled, late, important. */
@Tag("native")
@Timeout(60)
class EngineRequestsTest {
  private static final BatchedGoldens MODEL = BatchedGoldens.exact();
  private static final BatchedGoldens.Golden SHORT = MODEL.goldens().get(0);
  private static final BatchedGoldens.Golden LONG = MODEL.goldens().get(MODEL.goldens().size() - 1);

  /** Long enough for the few steps before it on any machine. */
  private static final Duration TIME_LIMIT = Duration.ofSeconds(5);

  private final Semaphore gate = new Semaphore(0);
  private final FaultyModel model = FaultyModel.gated(gate);
  private LLMEngine engine;

  @AfterEach
  void everythingReleased() throws InterruptedException {
    gate.release(1_000_000);
    engine.drain().join();
    assertThat(engine.inFlight()).isZero();
    assertThat(engine.submit(SHORT.request()).join().tokens()).isEqualTo(SHORT.tokens());
    assertThat(engine.submit(LONG.request()).join().tokens()).isEqualTo(LONG.tokens());
    assertThat(Engines.idleStats(engine).usedPages()).isZero();
    engine.close();
    Engines.assertAllClosed();
  }

  @Test
  void shouldRefuseWhatCannotWork() {
    open(EngineOptions.DEFAULTS);
    GenerationConfig greedy = BatchedGoldens.greedy(4);
    assertRefused(GenerationRequest.of("r", " \n ", greedy), "blank");
    assertRefused(GenerationRequest.of("r", "x", greedy).withInputs(List.of()), "empty");
    assertRefused(
        tokens(257, greedy), "Prompt of 257 tokens does not fit: context is 256", "Shorten it");
    assertRefused(
        tokens(20, greedy.toBuilder().seqLen(20).build()), "leaves no room", "raise seqLen");
    Image image = Image.ofBytes(new byte[3], 1, 1, 3);
    assertRefused(
        tokens(2, greedy).withInputs(List.of(MultimodalInput.makeImageInput(image))),
        "The model takes text only");
    assertRefused(
        GenerationRequest.of("r", "x", greedy.toBuilder().grammar("regex", "(").build()),
        "regular expression");
    assertThat(model.executions()).isZero();
  }

  @Test
  void shouldTakeAPromptAsLongAsTheContext() {
    open(EngineOptions.DEFAULTS);
    gate.release(100);

    GenerationResult result = engine.submit(tokens(256, BatchedGoldens.greedy(50))).join();

    assertThat(result.tokens()).hasSize(1);
  }

  @Test
  void shouldServeWhatFitsIntoFewPagesAndRefuseTheRest() {
    open(Engines.withPages(MODEL, EngineOptions.DEFAULTS, 8)); // 128 tokens
    gate.release(1000);

    assertRefused(tokens(129, BatchedGoldens.greedy(1)), "context is 128");
    assertRefused(
        tokens(129, BatchedGoldens.greedy(1)),
        "give the engine more memory for keys and values: the model's own context is ");
    for (int i = 0; i < 3; i++) {
      assertThat(engine.submit(tokens(128, BatchedGoldens.greedy(1))).join().tokens()).hasSize(1);
    }
    GenerationConfig endless = BatchedGoldens.greedy(-1);
    assertThat(engine.submit(tokens(100, endless)).join().tokens()).hasSize(28);
    // The checks at the end of the test need more than 128 tokens.
    engine.close();
    open(EngineOptions.DEFAULTS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 17, 63})
  void shouldStopWhenCancelledAtAnyToken(int token) {
    open(EngineOptions.DEFAULTS);
    gate.release(1000);
    AtomicInteger pieces = new AtomicInteger();
    CompletableFuture<CompletableFuture<GenerationResult>> own = new CompletableFuture<>();
    var cancelled =
        engine.submit(
            LONG.request()
                .withListener(
                    piece -> {
                      if (pieces.incrementAndGet() == token) {
                        own.join().cancel(true);
                      }
                    }));
    own.complete(cancelled);
    var other = engine.submit(SHORT.request());

    assertThatThrownBy(cancelled::join).isInstanceOf(CancellationException.class);
    assertThat(other.join().tokens()).isEqualTo(SHORT.tokens());
    assertThat(pieces).hasValue(token);
  }

  @Test
  void shouldStopInTheMiddleOfAPrompt() throws InterruptedException {
    open(EngineOptions.DEFAULTS.withMaxStepTokens(10));
    var cancelled = engine.submit(LONG.request());
    gate.release(3);
    waitAtGate(3);

    cancelled.cancel(true);
    var next = engine.submit(SHORT.request());
    gate.release(1000);

    assertThat(next.join().tokens()).isEqualTo(SHORT.tokens());
    assertThat(model.executed().stream().filter(LONG.id()::equals)).hasSize(4);
  }

  @Test
  void shouldNotBeginWhatIsCancelledWhileItWaits() throws InterruptedException {
    open(EngineOptions.DEFAULTS.withMaxSequences(1));
    var running = engine.submit(SHORT.request());
    waitAtGate(0);
    var waiting = engine.submit(LONG.request());

    assertThat(waiting.cancel(true)).isTrue();
    assertThat(engine.inFlight()).isOne();
    gate.release(1000);

    assertThat(running.join().tokens()).isEqualTo(SHORT.tokens());
    assertThat(model.executed()).doesNotContain(LONG.id());
  }

  @Test
  void shouldStopAtTheTimeLimitInTheMiddleOfAPrompt() throws InterruptedException {
    open(EngineOptions.DEFAULTS.withMaxStepTokens(10));
    var late = engine.submit(within(LONG, TIME_LIMIT));
    gate.release(2);
    waitAtGate(2);
    Thread.sleep(TIME_LIMIT.plusMillis(50).toMillis());
    gate.release(1000);

    assertThatThrownBy(late::get)
        .cause()
        .isInstanceOf(GenerationTimeoutException.class)
        .hasMessageContaining(LONG.id() + " was stopped at its time limit of 5000 ms")
        .hasMessageContaining("after 30 prompt tokens and 0 generated");
  }

  @Test
  void shouldStopAtTheTimeLimitBetweenTokens() throws InterruptedException {
    open(EngineOptions.DEFAULTS);
    var late = engine.submit(within(SHORT, TIME_LIMIT));
    gate.release(7);
    waitAtGate(7);
    Thread.sleep(TIME_LIMIT.plusMillis(50).toMillis());
    gate.release(1000);

    assertThatThrownBy(late::get)
        .cause()
        .isInstanceOf(GenerationTimeoutException.class)
        .hasMessageContaining(
            "after %d prompt tokens and 7 generated".formatted(SHORT.promptTokens().size()));
  }

  /** Waiting is not counted. */
  @Test
  void shouldCountTheTimeLimitFromTheStartOfTheOwnRun() throws InterruptedException {
    open(EngineOptions.DEFAULTS.withMaxSequences(1));
    var running = engine.submit(SHORT.request());
    waitAtGate(0);
    var waiting = engine.submit(within(SHORT, Duration.ofSeconds(30)));
    gate.release(1000);

    assertThat(running.join().tokens()).isEqualTo(SHORT.tokens());
    assertThat(waiting.join().tokens()).isEqualTo(SHORT.tokens());
    assertThat(waiting.join().stats().inferenceStartMs())
        .as("began behind the other; each rounds its own clock to a millisecond")
        .isGreaterThanOrEqualTo(running.join().stats().inferenceEndMs() - 1);
  }

  @Test
  void shouldServeHigherPrioritiesFirst() throws InterruptedException {
    open(EngineOptions.DEFAULTS.withMaxSequences(1));
    List<String> ends = new ArrayList<>();
    List<CompletableFuture<?>> all = new ArrayList<>();
    all.add(submit("first", 0, ends));
    waitAtGate(0);
    for (int i = 0; i < 3; i++) {
      all.add(submit("low" + i, -1, ends));
      all.add(submit("high" + i, 5, ends));
    }
    while (engine.inFlight() < 7) {
      Thread.onSpinWait();
    }
    engine
        .submit(GenerationRequest.of("blank", " ", BatchedGoldens.greedy(1)))
        .handle((r, f) -> 0)
        .join();
    gate.release(10_000);
    all.forEach(CompletableFuture::join);

    assertThat(ends).containsExactly("high0", "high1", "high2", "first", "low0", "low1", "low2");
  }

  @Test
  void shouldSayWhenAllOfNowIsComplete() throws InterruptedException {
    open(EngineOptions.DEFAULTS.withMaxSequences(1));
    assertThat(engine.drain()).isCompleted();
    var first = engine.submit(SHORT.request());
    waitAtGate(0);
    var bad = engine.submit(GenerationRequest.of("bad", " ", BatchedGoldens.greedy(1)));
    CompletableFuture<Void> drained = engine.drain();
    var later = engine.submit(LONG.request());

    assertThat(drained).isNotDone();
    gate.release(SHORT.tokens().size());
    drained.join();

    assertThat(first).isCompleted();
    assertThat(bad).isCompletedExceptionally();
    assertThat(later).isNotDone();
  }

  private void open(EngineOptions options) {
    engine = Engines.open(MODEL.spec(), options, model);
  }

  /** Until the engine stands before the execution of this number. */
  private void waitAtGate(int execution) throws InterruptedException {
    while (model.executions() < execution || !gate.hasQueuedThreads()) {
      Thread.sleep(1);
    }
  }

  /** Completes when its end is noted. */
  private CompletableFuture<Void> submit(String id, int priority, List<String> ends) {
    return engine
        .submit(
            GenerationRequest.of(id, SHORT.prompt(), BatchedGoldens.greedy(3))
                .withPriority(priority))
        .thenRun(() -> ends.add(id));
  }

  private void assertRefused(GenerationRequest request, String... parts) {
    assertThatThrownBy(engine.submit(request)::get)
        .cause()
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContainingAll(parts);
  }

  private static GenerationRequest within(BatchedGoldens.Golden golden, Duration limit) {
    return new GenerationRequest(
        golden.id(), golden.prompt(), BatchedGoldens.greedy(golden.tokens().size()), limit);
  }

  private static GenerationRequest tokens(int count, GenerationConfig config) {
    int[] tokens = FakeSequences.prompt(2, count);
    return GenerationRequest.of("r", "", config)
        .withInputs(List.of(MultimodalInput.makeTokenInput(tokens)));
  }
}
