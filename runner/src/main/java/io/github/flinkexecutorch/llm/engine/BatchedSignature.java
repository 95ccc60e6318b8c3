package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.util.List;

/**
 * The methods of a batched program: {@code forward(tokens i64[T], positions i64[T], rows i64[R]) ->
 * logits f32[R, V]}, or with images {@code token_embedding(tokens i64[T]) -> f32[T, H]}, {@code
 * text_decoder(embeddings f32[T, H], positions i64[T], rows i64[R]) -> logits f32[R, V]} and {@code
 * vision_encoder(pixels f32[N, 3, h, w]) -> f32[N, P, H]}.
 *
 * @param multimodal whether it has the second form
 * @param maxTokens upper bound of T
 * @param maxRows upper bound of R
 * @param logitsWidth V
 * @param hidden H, 0 in the first form
 * @param maxImages upper bound of N, 0 without a vision encoder
 * @param imageTokens P
 */
record BatchedSignature(
    boolean multimodal,
    int maxTokens,
    int maxRows,
    int logitsWidth,
    int hidden,
    int maxImages,
    int imageTokens) {
  static final String FORWARD = "forward";
  static final String TOKEN_EMBEDDING = "token_embedding";
  static final String TEXT_DECODER = "text_decoder";
  static final String VISION_ENCODER = "vision_encoder";

  /**
   * Reads the signature, without loading a method.
   *
   * @throws InvalidModelException naming the method that is different
   */
  static BatchedSignature read(ExecuTorchModule module) {
    boolean multimodal = module.methodNames().contains(TEXT_DECODER);
    MethodMeta decoder = method(module, multimodal ? TEXT_DECODER : FORWARD);
    boolean valid =
        decoder.inputs().size() == 3
            && decoder.outputs().size() == 1
            && (multimodal
                ? isTensor(decoder.inputs().get(0), ScalarType.FLOAT, 2)
                : isTensor(decoder.inputs().get(0), ScalarType.LONG, 1))
            && isTensor(decoder.inputs().get(1), ScalarType.LONG, 1)
            && isTensor(decoder.inputs().get(2), ScalarType.LONG, 1)
            && isTensor(decoder.outputs().get(0), ScalarType.FLOAT, 2);
    require(valid, decoder);
    int hidden = multimodal ? size(decoder.inputs().get(0), 1) : 0;
    int images = 0;
    int imageTokens = 0;
    if (multimodal) {
      requireEmbedding(method(module, TOKEN_EMBEDDING), hidden);
      if (module.methodNames().contains(VISION_ENCODER)) {
        MethodMeta vision = method(module, VISION_ENCODER);
        requireVision(vision, hidden);
        images = size(vision.inputs().get(0), 0);
        imageTokens = size(vision.outputs().get(0), 1);
      }
    }
    return new BatchedSignature(
        multimodal,
        size(decoder.inputs().get(1), 0),
        size(decoder.inputs().get(2), 0),
        size(decoder.outputs().get(0), 1),
        hidden,
        images,
        imageTokens);
  }

  /** The methods to load. */
  List<String> methods() {
    if (!multimodal) {
      return List.of(FORWARD);
    }
    return maxImages == 0
        ? List.of(TOKEN_EMBEDDING, TEXT_DECODER)
        : List.of(TOKEN_EMBEDDING, TEXT_DECODER, VISION_ENCODER);
  }

  private static void requireEmbedding(MethodMeta embedding, int hidden) {
    require(
        embedding.inputs().size() == 1
            && embedding.outputs().size() == 1
            && isTensor(embedding.inputs().get(0), ScalarType.LONG, 1)
            && isTensor(embedding.outputs().get(0), ScalarType.FLOAT, 2)
            && size(embedding.outputs().get(0), 1) == hidden,
        embedding);
  }

  private static void requireVision(MethodMeta vision, int hidden) {
    require(
        vision.inputs().size() == 1
            && vision.outputs().size() == 1
            && isTensor(vision.inputs().get(0), ScalarType.FLOAT, 4)
            && isTensor(vision.outputs().get(0), ScalarType.FLOAT, 3)
            && size(vision.outputs().get(0), 2) == hidden,
        vision);
  }

  private static MethodMeta method(ExecuTorchModule module, String name) {
    if (!module.methodNames().contains(name)) {
      throw new InvalidModelException(
          "The batched program has no method %s; its methods are %s"
              .formatted(name, module.methodNames()));
    }
    return module.methodMeta(name);
  }

  private static boolean isTensor(TensorMeta meta, ScalarType type, int rank) {
    return meta.kind() == EValue.Kind.TENSOR && meta.type() == type && meta.rank() == rank;
  }

  private static int size(TensorMeta meta, int dimension) {
    return Math.toIntExact(meta.sizes().get(dimension));
  }

  private static void require(boolean valid, MethodMeta meta) {
    if (!valid) {
      throw new InvalidModelException(
          "Method %s is not that of a batched program: it is %s -> %s"
              .formatted(meta.name(), meta.inputs(), meta.outputs()));
    }
  }
}
