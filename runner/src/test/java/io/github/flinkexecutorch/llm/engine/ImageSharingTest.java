package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.MultimodalInput;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Images that come again: encoded once, and their pages shared with nobody else's. */
@Tag("native")
class ImageSharingTest {
  private static final BatchedMedia MODEL = BatchedMedia.of("llava");

  /** 16 positions of 64 floats. */
  private static final long IMAGE_BYTES = 16 * 64 * 4;

  private final CountingEncoder encoder = new CountingEncoder();
  private LLMEngine engine;

  @AfterEach
  void everythingReleased() throws InterruptedException {
    engine.close();
    Engines.assertAllClosed();
  }

  @Test
  void shouldEncodeAllImagesOfAPromptAtOnceAndEqualOnesOnce() {
    open(EngineOptions.DEFAULTS);

    tokens(BatchedMedia.request("a", 2, MODEL.image(1), MODEL.image(2), MODEL.image(1), text()));
    tokens(BatchedMedia.request("b", 2, MODEL.image(2), text(), MODEL.image(1), text()));

    assertThat(encoder.batches()).containsExactly(2);
  }

  @Test
  void shouldEncodeMoreImagesThanTheEncoderTakesAtOnce() {
    open(EngineOptions.DEFAULTS);
    MultimodalInput[] inputs =
        MODEL.images(6).stream()
            .map(MultimodalInput::makeImageInput)
            .toArray(MultimodalInput[]::new);

    assertThat(tokens(BatchedMedia.request("six", 2, inputs))).hasSize(2);

    assertThat(encoder.batches()).containsExactly(4, 2);
  }

  @Test
  void shouldKeepAsManyEmbeddingsAsTheBudgetAllows() {
    open(EngineOptions.DEFAULTS.withImageCacheBytes(2 * IMAGE_BYTES));
    for (int image = 1; image <= 3; image++) {
      tokens(MODEL.around("first", image));
    }

    tokens(MODEL.around("kept", 2));
    tokens(MODEL.around("kept", 3));
    assertThat(encoder.images()).isEqualTo(3);
    tokens(MODEL.around("dropped", 1));
    assertThat(encoder.images()).isEqualTo(4);
  }

  @Test
  void shouldEncodeAgainWithoutABudget() {
    open(EngineOptions.DEFAULTS.withImageCacheBytes(0));

    List<Integer> first = tokens(MODEL.around("first", 1));
    assertThat(tokens(MODEL.around("again", 1))).isEqualTo(first);

    assertThat(encoder.batches()).containsExactly(1, 1);
  }

  @Test
  void shouldSharePagesOfEqualImagesOnly() {
    open(EngineOptions.DEFAULTS.withPrefixCache(false));
    List<Integer> one = tokens(MODEL.around("one", 1));
    List<Integer> other = tokens(MODEL.around("other", 2));
    engine.close();
    open(EngineOptions.DEFAULTS);

    assertThat(tokens(MODEL.around("one", 1))).isEqualTo(one);
    assertThat(engine.stats().cachedPromptTokens()).isZero();
    assertThat(tokens(MODEL.around("one again", 1))).isEqualTo(one);
    assertThat(engine.stats().cachedPromptTokens()).isEqualTo(32);
    assertThat(tokens(MODEL.around("other", 2))).isEqualTo(other).isNotEqualTo(one);
    assertThat(engine.stats().cachedPromptTokens()).isEqualTo(32);
  }

  @Test
  void shouldFailOnlyThoseWhoseImagesCannotBeEncoded() {
    open(EngineOptions.DEFAULTS);
    List<Integer> expected = tokens(MODEL.around("before", 1));
    encoder.failOnce();

    var failing = engine.submit(MODEL.around("failing", 2));
    var other = engine.submit(MODEL.around("other", 1));

    assertThatThrownBy(failing::join).hasMessageContaining(FaultyModel.FAILURE);
    assertThat(other.join().tokens()).isEqualTo(expected);
    assertThat(tokens(MODEL.around("after", 2))).hasSize(16);
  }

  private void open(EngineOptions options) {
    engine = Engines.open(MODEL.program().spec(), options, encoder);
  }

  private List<Integer> tokens(GenerationRequest request) {
    return engine.submit(request).join().tokens();
  }

  private static MultimodalInput text() {
    return BatchedMedia.text(5);
  }
}
