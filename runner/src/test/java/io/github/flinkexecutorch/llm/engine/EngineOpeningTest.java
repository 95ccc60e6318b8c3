package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.Goldens;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.LLMRunners;
import io.github.flinkexecutorch.llm.RunnerOptions;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.KvType;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which engine opens which model, and what it says where it cannot. */
@Tag("native")
@Timeout(60)
class EngineOpeningTest {
  private static final BatchedGoldens MODEL = BatchedGoldens.exact();
  private static final ModelSpec STANDARD =
      ModelSpec.of(Goldens.TICKETS.resolve("model.pte"), Goldens.TICKETS);

  @AfterEach
  void everythingReleased() throws InterruptedException {
    Engines.assertAllClosed();
  }

  @Test
  void shouldOpenTheEngineThatAModelWants() {
    assertThat(opened(MODEL.spec(), EngineSharing.SLOT)).isEqualTo(LLMEngine.class);
    assertThat(opened(MODEL.spec(), EngineSharing.PROCESS)).isNotEqualTo(RunnerPool.class);
    assertThat(opened(STANDARD, EngineSharing.PROCESS)).isEqualTo(RunnerPool.class);
  }

  @Test
  void shouldShareOneEngineInAProcess() {
    GenerationRequest request = MODEL.goldens().get(0).request();
    try (InferenceEngine one = open(MODEL.spec(), EngineSharing.PROCESS)) {
      InferenceEngine other = open(MODEL.spec(), EngineSharing.PROCESS);
      assertThat(SharedEngines.open()).hasSize(1);
      assertThat(one.modelDigest()).isEqualTo(other.modelDigest()).hasSize(64);
      assertThat(one.modelBytes()).isEqualTo(MODEL.file().toFile().length());
      var own = one.submit(request);

      other.close();

      assertThat(own.join().tokens()).isEqualTo(MODEL.goldens().get(0).tokens());
      assertThatThrownBy(other.submit(request)::join).isInstanceOf(CancellationException.class);
      assertThat(SharedEngines.open()).hasSize(1);
    }
  }

  @Test
  void shouldSayHowManyShareAnEngine() {
    try (InferenceEngine shared = open(MODEL.spec(), EngineSharing.PROCESS);
        InferenceEngine own = open(MODEL.spec(), EngineSharing.SLOT);
        InferenceEngine standard = open(STANDARD, EngineSharing.PROCESS);
        InferenceEngine other = open(STANDARD, EngineSharing.PROCESS)) {
      assertThat(shared.sharedBy()).isEqualTo(1);
      InferenceEngine second = open(MODEL.spec(), EngineSharing.PROCESS);
      assertThat(shared.sharedBy()).isEqualTo(2).isEqualTo(second.sharedBy());
      second.close();
      assertThat(shared.sharedBy()).isEqualTo(1);

      assertThat(own.sharedBy()).isEqualTo(1);
      assertThat(standard.sharedBy()).isEqualTo(1).isEqualTo(other.sharedBy());
    }
    InferenceEngine closed = open(MODEL.spec(), EngineSharing.PROCESS);
    closed.close();
    assertThat(closed.sharedBy()).isEqualTo(1);
  }

  @Test
  void shouldRefuseAProgramThatIsNotBatched() {
    assertThatThrownBy(() -> LLMEngine.open(STANDARD, EngineOptions.DEFAULTS, "test"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("tickets/model.pte: It is no batched program")
        .hasMessageContaining("open it with LLMRunners or RunnerPool");
  }

  @Test
  void shouldRefuseABatchedProgramInARunner() {
    assertThatThrownBy(() -> RunnerPool.open(MODEL.spec(), 1, "test"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("open it with LLMEngine");
    try (Tokenizer tokenizer = Tokenizers.load(MODEL.spec().tokenizer())) {
      assertThatThrownBy(
              () -> LLMRunners.createRunner(MODEL.file(), tokenizer, RunnerOptions.DEFAULTS))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("open it with LLMEngine");
    }
  }

  @Test
  void shouldRefuseAModelThatDoesNotFitTheMemoryLimit() {
    assertRefused(
        EngineOptions.DEFAULTS.withMemoryLimit(1000),
        "does not fit: weights 1.0 MiB, KV pages ",
        " MiB in all",
        "a page of 16 tokens takes 8,192 bytes",
        "the limit of memory is 1,000 bytes");
    assertRefused(
        EngineOptions.DEFAULTS.withKvCache(8191, 16, KvType.FLOAT), "KV pages 8,191", "Raise");
    assertRefused(
        Engines.withPages(MODEL, EngineOptions.DEFAULTS, 10_000).withMemoryLimit(79 << 20),
        "KV pages 78.1 MiB (160,000 tokens)");
  }

  @Test
  void shouldFillTheMemoryLimitWithPages() {
    long limit = 2 << 20;
    try (LLMEngine engine = Engines.open(MODEL, EngineOptions.DEFAULTS.withMemoryLimit(limit))) {
      assertThat(engine.memoryPlan().total()).isBetween(limit - 8192, limit);
      assertThat(engine.memoryPlan().pages()).isPositive();
    }
  }

  @Test
  void shouldPlanACacheOfImagesForProgramsThatTakeThemOnly() {
    long cache = EngineOptions.DEFAULTS.imageCacheBytes();
    try (LLMEngine texts = Engines.open(MODEL, EngineOptions.DEFAULTS);
        LLMEngine images =
            Engines.open(BatchedMedia.of("llava").program(), EngineOptions.DEFAULTS)) {
      assertThat(texts.memoryPlan().workspace()).isPositive().isLessThan(cache);
      assertThat(images.memoryPlan().workspace()).isGreaterThan(cache);
    }
  }

  /** A row of 64 floats for each. */
  @Test
  void shouldPlanEmbeddingsOfImagesForAsManyTokensAsThePagesHold() {
    MemoryPlan few = planOfImages(EngineOptions.DEFAULTS.withKvCache(1 << 20, 16, KvType.FLOAT));
    MemoryPlan more = planOfImages(EngineOptions.DEFAULTS.withKvCache(2 << 20, 16, KvType.FLOAT));

    assertThat(more.pageTokens()).isGreaterThan(few.pageTokens());
    assertThat(more.workspace() - few.workspace())
        .isEqualTo((more.pageTokens() - few.pageTokens()) * 64 * Float.BYTES);
    long limit = few.total();
    MemoryPlan limited = planOfImages(EngineOptions.DEFAULTS.withMemoryLimit(limit));
    assertThat(limited).isEqualTo(few);
  }

  private static MemoryPlan planOfImages(EngineOptions options) {
    try (LLMEngine engine = Engines.open(BatchedMedia.of("llava").program(), options)) {
      return engine.memoryPlan();
    }
  }

  @Test
  void shouldRefuseFilesThatCannotBeUsed() {
    Path absent = Path.of("absent.pte");
    ModelSpec spec = MODEL.spec();
    assertThatThrownBy(
            () ->
                LLMEngine.open(
                    ModelSpec.of(absent, spec.tokenizer()), EngineOptions.DEFAULTS, "test"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("absent.pte does not exist");
    assertThatThrownBy(
            () ->
                LLMEngine.open(ModelSpec.of(spec.model(), absent), EngineOptions.DEFAULTS, "test"))
        .isInstanceOf(InvalidModelException.class);
  }

  @Test
  void shouldAbandonAnOpeningThatIsCancelled() {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    UnaryOperator<StepModel> gate =
        model -> {
          cancelled.join(); // it is not open before
          return model;
        };
    var opening = new LLMEngine(MODEL.spec(), EngineOptions.DEFAULTS, "test", gate).opened();

    assertThat(opening.cancel(true)).isTrue();
    cancelled.complete(null); // and nothing is left open, see above
  }

  @Test
  void shouldLeaveNothingOpenWheneverAnOpeningIsCancelled() {
    ModelSpec spec = MODEL.spec();
    EngineOptions options = EngineOptions.DEFAULTS;
    for (EngineSharing sharing : EngineSharing.values()) {
      cancelOrClose(InferenceEngines.openAsync(spec, options, sharing, 1, "test"));
    }
    cancelOrClose(LLMEngine.openAsync(spec, options, "test"));
    cancelOrClose(SharedEngines.lease(spec, options, "test"));
  }

  /** What opens fast is open before anybody can cancel it. */
  private static void cancelOrClose(CompletableFuture<? extends InferenceEngine> opening) {
    if (!opening.cancel(true)) {
      opening.join().close();
    }
  }

  private static Class<?> opened(ModelSpec spec, EngineSharing sharing) {
    try (InferenceEngine engine = open(spec, sharing)) {
      return engine.getClass();
    }
  }

  private static InferenceEngine open(ModelSpec spec, EngineSharing sharing) {
    return InferenceEngines.open(spec, EngineOptions.DEFAULTS, sharing, 1, "test");
  }

  private static void assertRefused(EngineOptions options, String... parts) {
    assertThatThrownBy(() -> Engines.open(MODEL, options))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContainingAll(parts);
  }
}
