package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The shape of a decoder method: {@code (tokens i64[1, T] or embeddings [1, T, H][, positions
 * i64[1] or i64[T]]) -> logits [1, V] or [1, T, V]}.
 *
 * @param method the method's name
 * @param maxTokens most tokens of one execution, the upper bound of T
 * @param kvCache whether it takes positions, that is, remembers earlier tokens
 * @param positionPerToken whether it takes one position per token rather than the first one's
 * @param logitsWidth scores per token, V
 */
record DecoderSignature(
    String method, int maxTokens, boolean kvCache, boolean positionPerToken, int logitsWidth) {
  private static final Set<ScalarType> LOGITS_TYPES =
      EnumSet.of(ScalarType.FLOAT, ScalarType.HALF, ScalarType.BFLOAT16, ScalarType.UINT16);
  private static final Set<ScalarType> EMBEDDING_TYPES =
      EnumSet.of(ScalarType.FLOAT, ScalarType.HALF, ScalarType.BFLOAT16);

  /**
   * Reads the signature of a method that takes token ids, without loading it.
   *
   * @throws InvalidModelException naming what is different, if the method is not such a decoder
   */
  static DecoderSignature ofTokens(ExecuTorchModule module, String method) {
    MethodMeta meta = require(module, method, 1, 2);
    requireTokens(meta);
    return read(meta, 1);
  }

  /**
   * Reads the signature of a method that takes token ids, an encoder's states and positions,
   * without loading it.
   *
   * @throws InvalidModelException naming what is different, if the method is not such a decoder
   */
  static DecoderSignature ofTokensAndStates(ExecuTorchModule module, String method) {
    MethodMeta meta = require(module, method, 3, 3);
    requireTokens(meta);
    require(
        isTensor(meta.inputs().get(1), 3, EMBEDDING_TYPES),
        meta,
        "an encoder's states [1, n, H] as input 1");
    return read(meta, 2);
  }

  /**
   * Reads the signature of a method that takes embeddings, without loading it.
   *
   * @throws InvalidModelException naming what is different, if the method is not such a decoder
   */
  static DecoderSignature ofEmbeddings(ExecuTorchModule module, String method) {
    MethodMeta meta = require(module, method, 1, 2);
    require(
        isTensor(meta.inputs().get(0), 3, EMBEDDING_TYPES),
        meta,
        "embeddings [1, T, H] as input 0");
    return read(meta, 1);
  }

  private static DecoderSignature read(MethodMeta meta, int positions) {
    List<TensorMeta> inputs = meta.inputs();
    boolean kvCache = inputs.size() > positions;
    require(
        !kvCache || isTensor(inputs.get(positions), 1, EnumSet.of(ScalarType.LONG)),
        meta,
        "positions i64[n] as input " + positions);
    require(meta.outputs().size() == 1, meta, "1 output");
    TensorMeta logits = meta.outputs().get(0);
    require(
        isTensor(logits, 2, LOGITS_TYPES) || isTensor(logits, 3, LOGITS_TYPES),
        meta,
        "logits [1, V] or [1, T, V] of " + LOGITS_TYPES);
    return new DecoderSignature(
        meta.name(),
        (int) Math.min(inputs.get(0).sizes().get(1), Integer.MAX_VALUE),
        kvCache,
        kvCache && inputs.get(positions).sizes().get(0) > 1,
        Math.toIntExact(logits.sizes().get(logits.rank() - 1)));
  }

  private static void requireTokens(MethodMeta meta) {
    require(
        isTensor(meta.inputs().get(0), 2, EnumSet.of(ScalarType.LONG)),
        meta,
        "token ids i64[1, T] as input 0");
  }

  private static MethodMeta require(ExecuTorchModule module, String method, int fewest, int most) {
    if (!module.methodNames().contains(method)) {
      throw new InvalidModelException(
          "The program has no method "
              + method
              + "; its methods are "
              + new TreeSet<>(module.methodNames()));
    }
    MethodMeta meta = module.methodMeta(method);
    int count = meta.inputs().size();
    if (count > most) {
      requireKindWithRunner(meta);
    }
    require(
        count >= fewest && count <= most,
        meta,
        fewest == most ? fewest + " inputs" : fewest + " or " + most + " inputs");
    return meta;
  }

  private static void requireKindWithRunner(MethodMeta meta) {
    ModelKind kind = ModelKind.of(Map.of(meta.name(), meta));
    if (kind != ModelKind.OTHER && kind.runner().isEmpty()) {
      throw new InvalidModelException(
          "Method %s is that of a %s, which no runner here takes: it is %s -> %s"
              .formatted(meta.name(), kind.description(), meta.inputs(), meta.outputs()));
    }
  }

  private static boolean isTensor(TensorMeta meta, int rank, Set<ScalarType> types) {
    return meta.kind() == EValue.Kind.TENSOR && meta.rank() == rank && types.contains(meta.type());
  }

  private static void require(boolean valid, MethodMeta meta, String expected) {
    if (!valid) {
      throw new InvalidModelException(
          "Method "
              + meta.name()
              + " is not a text decoder: expected "
              + expected
              + ", but it is "
              + meta.inputs()
              + " -> "
              + meta.outputs());
    }
  }
}
