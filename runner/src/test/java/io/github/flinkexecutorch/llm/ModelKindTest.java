package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The families of programs, with the shapes that their exporters give them. */
class ModelKindTest {
  private static final TensorMeta TOKENS = longs(1, 127);
  private static final TensorMeta START = longs(1);
  private static final TensorMeta POSITIONS = longs(127);
  private static final TensorMeta EMBEDDINGS = floats(1, 127, 64);
  private static final TensorMeta LOGITS = floats(1, 127, 320);

  @Test
  void shouldKnowTextDecoders() {
    assertThat(kind(method("forward", LOGITS, TOKENS, START))).isEqualTo(ModelKind.TEXT_DECODER);
    assertThat(kind(method("forward", LOGITS, TOKENS, POSITIONS)))
        .isEqualTo(ModelKind.TEXT_DECODER);
    assertThat(kind(method("forward", floats(1, 320), TOKENS))).isEqualTo(ModelKind.TEXT_DECODER);
    assertThat(
            kind(method("prefill", LOGITS, TOKENS, START), method("decode", LOGITS, TOKENS, START)))
        .isEqualTo(ModelKind.PREFILL_DECODE);
  }

  @Test
  void shouldKnowEarlyFusion() {
    assertThat(
            kind(
                method("vision_encoder", floats(1, 16, 64), floats(1, 3, 32, 32)),
                method("token_embedding", EMBEDDINGS, TOKENS),
                method("text_decoder", LOGITS, EMBEDDINGS, POSITIONS)))
        .isEqualTo(ModelKind.MULTIMODAL);
    assertThat(kind(method("token_embedding", EMBEDDINGS, TOKENS))).isEqualTo(ModelKind.MULTIMODAL);
  }

  @Test
  void shouldKnowEncoderDecodersAndTransducers() {
    assertThat(
            kind(
                method("encoder", floats(1, 1500, 64), floats(1, 80, 3000)),
                method("text_decoder", LOGITS, longs(1, 1), floats(1, 1500, 64), START)))
        .isEqualTo(ModelKind.SEQ2SEQ);
    assertThat(
            kind(
                method("encoder", floats(1, 100, 64), floats(1, 80, 800)),
                method("decoder_step", floats(1, 1, 64), longs(1, 1)),
                method("joint", longs(1), floats(1, 1, 64), floats(1, 1, 64))))
        .isEqualTo(ModelKind.TRANSDUCER);
  }

  @Test
  void shouldNameDeepFusion() {
    TensorMeta states = floats(1, 1601, 64); // of the vision encoder, its own length
    assertThat(kind(method("forward", LOGITS, TOKENS, states, POSITIONS)))
        .isEqualTo(ModelKind.DEEP_FUSION);
    ModelKind llamaVision =
        kind(
            method("vision_encoder", states, floats(1, 3, 560, 560)),
            method("token_embedding", EMBEDDINGS, TOKENS),
            method("text_decoder", LOGITS, EMBEDDINGS, POSITIONS, states));
    assertThat(llamaVision).isEqualTo(ModelKind.DEEP_FUSION);
    assertThat(llamaVision.runner()).isEmpty();
    assertThat(llamaVision.description()).contains("cross-attention", "Llama 3.2 Vision");
  }

  @Test
  void shouldTellEmbeddingsBesideTokensFromDeepFusion() {
    assertThat(
            kind(
                method("vision_encoder", floats(1, 256, 64), floats(1, 1260, 768)),
                method("text_decoder", LOGITS, TOKENS, POSITIONS, EMBEDDINGS)))
        .isEqualTo(ModelKind.TOKENS_AND_EMBEDDINGS);
  }

  @Test
  void shouldKnowDecodersThatSampleThemselves() {
    assertThat(
            kind(
                method("prefill", longs(1, 1), TOKENS, POSITIONS, floats(1)),
                method("decode", longs(1, 1), longs(1, 1), START, floats(1))))
        .isEqualTo(ModelKind.SAMPLING_DECODER);
  }

  @Test
  void shouldKnowWhatIsNoLanguageModel() {
    assertThat(kind(method("forward", floats(1, 80, 3000), floats(480000))))
        .isEqualTo(ModelKind.AUDIO_PREPROCESSOR);
    assertThat(kind(method("forward", floats(1, 1000), floats(1, 3, 224, 224))))
        .isEqualTo(ModelKind.OTHER);
    // An encoder such as BERT: a mask behind the tokens.
    assertThat(kind(method("forward", LOGITS, TOKENS, longs(1, 127)))).isEqualTo(ModelKind.OTHER);
    assertThat(kind()).isEqualTo(ModelKind.OTHER);
  }

  private static ModelKind kind(MethodMeta... methods) {
    Map<String, MethodMeta> byName = new LinkedHashMap<>();
    for (MethodMeta method : methods) {
      byName.put(method.name(), method);
    }
    return ModelKind.of(byName);
  }

  private static MethodMeta method(String name, TensorMeta output, TensorMeta... inputs) {
    return new MethodMeta(name, List.of(inputs), List.of(output), 0, List.of());
  }

  private static TensorMeta floats(long... sizes) {
    return tensor(ScalarType.FLOAT, sizes);
  }

  private static TensorMeta longs(long... sizes) {
    return tensor(ScalarType.LONG, sizes);
  }

  private static TensorMeta tensor(ScalarType type, long... sizes) {
    return new TensorMeta(
        EValue.Kind.TENSOR, type, Arrays.stream(sizes).boxed().toList(), type.bytes());
  }
}
