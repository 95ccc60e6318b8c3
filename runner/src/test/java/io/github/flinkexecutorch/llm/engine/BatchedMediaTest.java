package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Program;
import io.github.flinkexecutorch.runtime.Threading;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Batched programs for text and images: transformers' own greedy tokens, in whatever company. */
@Tag("native")
class BatchedMediaTest {
  static List<BatchedMedia> all() {
    return BatchedMedia.all();
  }

  @AfterEach
  void everythingReleased() throws InterruptedException {
    Engines.assertAllClosed();
  }

  /** The goldens have no, one and two images, so texts and images share steps here. */
  @ParameterizedTest
  @MethodSource("all")
  void shouldGenerateTheTokensOfTransformers(BatchedMedia model) {
    try (LLMEngine engine = Engines.open(model.program(), EngineOptions.DEFAULTS)) {
      List<CompletableFuture<GenerationResult>> together =
          model.goldens().stream().map(golden -> engine.submit(model.request(golden))).toList();
      for (int i = 0; i < together.size(); i++) {
        BatchedMedia.Golden golden = model.goldens().get(i);
        assertThat(together.get(i).join().tokens()).as(golden.id()).isEqualTo(golden.tokens());
      }
    }
    try (LLMEngine engine = Engines.open(model.program(), EngineOptions.DEFAULTS)) {
      for (BatchedMedia.Golden golden : model.goldens()) {
        assertThat(engine.submit(model.request(golden)).join().tokens())
            .as("%s alone", golden.id())
            .isEqualTo(golden.tokens());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void shouldEncodeImagesTogetherAsAlone(BatchedMedia model) {
    for (Threading threading : List.of(Threading.INLINE, Threading.POOL)) {
      try (Program program = Program.open(model.program().file(), List.of(), LoadMode.MMAP);
          BatchedModel batched =
              new BatchedModel(
                  program, threading, XnnpackOptions.DEFAULTS, XnnpackOptions.DEFAULTS)) {
        int most = batched.signature().maxImages();
        List<ByteBuffer> alone =
            model.images(most).stream()
                .map(image -> batched.encode(List.of(image)).get(0))
                .toList();

        assertThat(most).isGreaterThan(2);
        assertThat(alone).doesNotHaveDuplicates();
        for (int count = 2; count <= most; count++) {
          assertThat(batched.encode(model.images(count))).isEqualTo(alone.subList(0, count));
        }
      }
    }
  }

  /** Cut to pieces, images lie across steps; with few pages they are computed more than once. */
  @ParameterizedTest
  @MethodSource("all")
  void shouldNotDependOnCutsAndPages(BatchedMedia model) {
    LogitsRecorder whole = LogitsRecorder.ofHashes();
    run(model, EngineOptions.DEFAULTS.withPrefixCache(false), whole);
    for (int tokens : new int[] {1, 7}) {
      LogitsRecorder cut = LogitsRecorder.ofHashes();
      run(model, EngineOptions.DEFAULTS.withMaxStepTokens(tokens), cut);
      assertSame(model, cut, whole);
    }
    LogitsRecorder cramped = LogitsRecorder.ofHashes();
    EngineOptions few = Engines.withPages(model.program(), EngineOptions.DEFAULTS, 12);
    EngineStats stats = run(model, few.withImageCacheBytes(0).withPrefixCache(false), cramped);
    assertSame(model, cramped, whole);
    assertThat(stats.preemptions()).isPositive();
  }

  @ParameterizedTest
  @MethodSource("all")
  void shouldRefuseWhatTheModelDoesNotTake(BatchedMedia model) {
    try (LLMEngine engine = Engines.open(model.program(), EngineOptions.DEFAULTS)) {
      assertThatThrownBy(engine.submit(RefusedMedia.ofWrongSize())::join)
          .hasMessageContaining("takes floats of [3, %d, %1$d]", model.imageSize())
          .hasMessageContaining("float image [3, 8, 8]");
      assertThatThrownBy(engine.submit(RefusedMedia.ofBytes(model))::join)
          .hasMessageContaining("uint8 image");
      assertThatThrownBy(engine.submit(RefusedMedia.ofSound())::join)
          .hasMessageContaining("The model takes text and images only");
      for (int token : new int[] {-1, 320, Integer.MAX_VALUE}) {
        assertThatThrownBy(engine.submit(RefusedMedia.ofToken(token))::join)
            .hasCauseInstanceOf(InvalidRequestException.class)
            .hasMessageContaining("has the token %d, but the model's tokens are 0 to 319", token);
      }
      assertThatThrownBy(engine.submit(RefusedMedia.ofTooMany(model))::join)
          .hasCauseInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("does not fit: context is 256");
    }
  }

  private static EngineStats run(
      BatchedMedia model, EngineOptions options, LogitsRecorder recorder) {
    try (LLMEngine engine = Engines.open(model.program().spec(), options, recorder)) {
      List<CompletableFuture<GenerationResult>> results =
          model.goldens().stream().map(golden -> engine.submit(model.request(golden))).toList();
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).join().tokens()).isEqualTo(model.goldens().get(i).tokens());
      }
      assertThat(recorder.contradictions()).isEmpty();
      return engine.stats();
    }
  }

  private static void assertSame(BatchedMedia model, LogitsRecorder one, LogitsRecorder other) {
    for (BatchedMedia.Golden golden : model.goldens()) {
      assertThat(one.hashes(golden.id())).hasSize(64).isEqualTo(other.hashes(golden.id()));
    }
  }
}
