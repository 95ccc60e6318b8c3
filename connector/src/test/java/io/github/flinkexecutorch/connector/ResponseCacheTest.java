package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.PromptText;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.image.Image;
import java.lang.ref.WeakReference;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResponseCacheTest {
  private static final ModelVersion MODEL = new ModelVersion(null, FakeEngine.DIGEST);
  private static final GenerationConfig GREEDY = GenerationConfig.greedy();
  private static final long PLENTY = 1 << 20;

  /** More than one of the fake engine's answers takes, less than two of them take. */
  private static final long ONE_ANSWER = 1500;

  @Test
  void shouldGenerateEqualRequestsOnce() {
    FakeEngine engine = FakeEngine.answering();
    ResponseCache cache = cache(engine, PLENTY);

    Answer first = cache.answer(text("a", "one", GREEDY)).join();
    Answer second = cache.answer(text("b", "one", GREEDY)).join();

    assertThat(first.cached()).isFalse();
    assertThat(second.cached()).isTrue();
    assertThat(second.result()).isEqualTo(first.result());
    assertThat(second.model()).isEqualTo(MODEL);
    assertThat(engine.submitted()).isEqualTo(1);
    assertThat(cache.hits()).isEqualTo(1);
    assertThat(cache.misses()).isEqualTo(1);
    assertThat(cache.bytes()).isPositive();
  }

  @Test
  void shouldTellRequestsApartByAllThatACompletionDependsOn() {
    GenerationConfig warm = GenerationConfig.builder().temperature(0.5f).seed(1).build();
    Image image = Image.ofBytes(new byte[] {1, 2, 3}, 1, 1, 3);
    List<GenerationRequest> different =
        List.of(
            text("a", "one", GREEDY),
            text("a", "two", GREEDY),
            text("a", "\ud800", GREEDY),
            text("a", "\ud801", GREEDY),
            text("a", "one", GREEDY.toBuilder().maxNewTokens(5).build()),
            text("a", "one", GREEDY.toBuilder().stop("a, b").build()),
            text("a", "one", GREEDY.toBuilder().stop("a", "b").build()),
            text("a", "one", GREEDY.toBuilder().stopTokenIds(List.of(1, 2)).build()),
            text("a", "one", GREEDY.toBuilder().stopTokenIds(List.of(2, 1)).build()),
            text("a", "one", GREEDY.toBuilder().grammar("regex", "a").build()),
            text("a", "one", GREEDY.toBuilder().grammar("regex", "{}").build()),
            text("a", "one", GREEDY.toBuilder().grammar("json_schema", "{}").build()),
            text("a", "one", GREEDY.toBuilder().ignoreEos(true).build()),
            text("a", "one", warm),
            text("a", "one", warm.toBuilder().seed(2).build()),
            inputs(MultimodalInput.makeTextInput("o"), MultimodalInput.makeTextInput("ne")),
            inputs(MultimodalInput.makeTextInput(PromptText.filled("one", characters(0, 0)))),
            inputs(MultimodalInput.makeTextInput(PromptText.filled("one", characters(0, 2)))),
            inputs(MultimodalInput.makeTextInput(PromptText.filled("one", characters(1, 2)))),
            inputs(MultimodalInput.makeTokenInput(1, 2)),
            inputs(MultimodalInput.makeTokenInput(1), MultimodalInput.makeTokenInput(2)),
            inputs(MultimodalInput.makeImageInput(image)),
            inputs(MultimodalInput.makeImageInput(Image.ofFloats(new float[] {1, 2, 3}, 1, 1, 3))),
            inputs(MultimodalInput.makeImageInput(Image.ofBytes(new byte[] {1, 2, 3}, 1, 3, 1))),
            inputs(MultimodalInput.makeImageInput(Image.ofBytes(new byte[] {1, 2, 4}, 1, 1, 3))));
    ResponseCache cache = cache(FakeEngine.holding(), PLENTY);

    for (GenerationRequest request : different) {
      assertThat(cache.answer(request)).isNotDone();
    }

    assertThat(cache.misses()).isEqualTo(different.size());
    assertThat(cache.hits()).isZero();
    var shared = cache.answer(inputs(MultimodalInput.makeImageInput(image)));
    assertThat(shared).isNotDone();
    assertThat(cache.hits()).isEqualTo(1);
  }

  @Test
  void shouldNotCareForTheSeedWithoutATemperature() {
    ResponseCache cache = cache(FakeEngine.answering(), PLENTY);

    cache.answer(text("a", "one", GREEDY.toBuilder().seed(1).build())).join();

    assertThat(cache.answer(text("b", "one", GREEDY.toBuilder().seed(2).build())).join().cached())
        .isTrue();
  }

  @Test
  void shouldShareAGenerationThatIsStillRunning() {
    FakeEngine engine = FakeEngine.holding();
    ResponseCache cache = cache(engine, PLENTY);
    CompletableFuture<Answer> first = cache.answer(text("a", "one", GREEDY));
    CompletableFuture<Answer> second = cache.answer(text("b", "one", GREEDY));

    engine.answer("a");

    assertThat(engine.submitted()).isEqualTo(1);
    assertThat(first.join().cached()).isFalse();
    assertThat(second.join().cached()).isTrue();
    assertThat(second.join().result()).isEqualTo(first.join().result());
  }

  @Test
  void shouldStopAGenerationOnlyWhenNobodyWaitsForIt() {
    FakeEngine engine = FakeEngine.holding();
    ResponseCache cache = cache(engine, PLENTY);
    CompletableFuture<Answer> first = cache.answer(text("a", "one", GREEDY));
    CompletableFuture<Answer> second = cache.answer(text("b", "one", GREEDY));

    first.cancel(true);
    assertThat(engine.isCancelled("a")).isFalse();
    second.cancel(true);
    assertThat(engine.isCancelled("a")).isTrue();

    CompletableFuture<Answer> third = cache.answer(text("c", "one", GREEDY));
    engine.answer("c");
    assertThat(third.join().cached()).isFalse();
    assertThat(engine.submitted()).isEqualTo(2);
  }

  @Test
  void shouldForgetWhatWasUsedLeastRecently() {
    FakeEngine engine = FakeEngine.answering();
    ResponseCache cache = cache(engine, 2 * ONE_ANSWER);
    cache.answer(text("a", "one", GREEDY)).join();
    cache.answer(text("b", "two", GREEDY)).join();
    cache.answer(text("c", "one", GREEDY)).join(); // used again
    cache.answer(text("d", "three", GREEDY)).join();

    assertThat(cache.bytes()).isLessThanOrEqualTo(2 * ONE_ANSWER);
    assertThat(cache.answer(text("e", "one", GREEDY)).join().cached()).isTrue();
    assertThat(cache.answer(text("f", "three", GREEDY)).join().cached()).isTrue();
    assertThat(cache.answer(text("g", "two", GREEDY)).join().cached()).isFalse();
  }

  @Test
  void shouldKeepNothingThatIsLargerThanItself() {
    ResponseCache cache = cache(FakeEngine.answering(), 100);

    cache.answer(text("a", "one", GREEDY)).join();

    assertThat(cache.bytes()).isZero();
    assertThat(cache.answer(text("b", "one", GREEDY)).join().cached()).isFalse();
  }

  @Test
  void shouldKeepNothingOfLongOptions() {
    GenerationConfig[] asked = {withLongOptions()};
    WeakReference<GenerationConfig> config = new WeakReference<>(asked[0]);
    List<WeakReference<?>> parts =
        List.of(
            new WeakReference<>(asked[0].grammar()),
            new WeakReference<>(asked[0].stop().get(0)),
            new WeakReference<>(asked[0].stopTokenIds()));
    CompletableFuture<GenerationResult> result =
        FakeEngine.answering().submit(text("a", "one", GREEDY));
    ResponseCache cache = new ResponseCache(PLENTY, MODEL, request -> result);

    assertThat(cache.answer(text("a", "one", asked[0])).join().cached()).isFalse();
    assertThat(cache.answer(text("b", "one", withLongOptions())).join().cached()).isTrue();

    asked[0] = null;
    for (int i = 0; i < 10; i++) {
      System.gc();
    }
    assertThat(parts).allSatisfy(part -> assertThat(part.get()).isNull());
    assertThat(config.get()).isNull();
    assertThat(cache.answer(text("c", "one", withLongOptions())).join().cached()).isTrue();
    assertThat(cache.bytes()).isLessThan(2 * ONE_ANSWER);
  }

  @Test
  void shouldKeepNoFailures() {
    FakeEngine engine = FakeEngine.holding();
    ResponseCache cache = cache(engine, PLENTY);
    CompletableFuture<Answer> failed = cache.answer(text("a", "one", GREEDY));

    engine.fail("a", new IllegalStateException("no"));

    assertThatThrownBy(failed::join).hasRootCauseMessage("no");
    CompletableFuture<Answer> next = cache.answer(text("b", "one", GREEDY));
    engine.answer("b");
    assertThat(next.join().cached()).isFalse();
  }

  @Test
  void shouldShareNothingWithoutMemory() {
    FakeEngine engine = FakeEngine.answering();
    ResponseCache cache = cache(engine, 0);

    cache.answer(text("a", "one", GREEDY)).join();

    assertThat(cache.answer(text("b", "one", GREEDY)).join().cached()).isFalse();
    assertThat(engine.submitted()).isEqualTo(2);
    assertThat(cache.misses()).isZero();
  }

  private static GenerationConfig withLongOptions() {
    return GREEDY.toBuilder()
        .grammar("regex", "a".repeat(65_536))
        .stop("b".repeat(1000))
        .stopTokenIds(IntStream.range(0, 100_000).boxed().toList())
        .build();
  }

  private static ResponseCache cache(FakeEngine engine, long bytes) {
    return new ResponseCache(bytes, MODEL, engine::submit);
  }

  private static GenerationRequest text(String id, String prompt, GenerationConfig config) {
    return GenerationRequest.of(id, prompt, config);
  }

  private static BitSet characters(int from, int to) {
    BitSet characters = new BitSet();
    characters.set(from, to);
    return characters;
  }

  private static GenerationRequest inputs(MultimodalInput... inputs) {
    return text("a", "", GREEDY).withInputs(List.of(inputs));
  }
}
