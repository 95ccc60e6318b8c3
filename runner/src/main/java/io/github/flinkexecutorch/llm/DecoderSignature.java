package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.util.EnumSet;
import java.util.List;
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
    MethodMeta meta = require(module, method);
    require(
        isTensor(meta.inputs().get(0), 2, EnumSet.of(ScalarType.LONG)),
        meta,
        "token ids i64[1, T] as input 0");
    return read(meta);
  }

  /**
   * Reads the signature of a method that takes embeddings, without loading it.
   *
   * @throws InvalidModelException naming what is different, if the method is not such a decoder
   */
  static DecoderSignature ofEmbeddings(ExecuTorchModule module, String method) {
    MethodMeta meta = require(module, method);
    require(
        isTensor(meta.inputs().get(0), 3, EMBEDDING_TYPES),
        meta,
        "embeddings [1, T, H] as input 0");
    return read(meta);
  }

  private static DecoderSignature read(MethodMeta meta) {
    List<TensorMeta> inputs = meta.inputs();
    boolean kvCache = inputs.size() == 2;
    require(
        !kvCache || isTensor(inputs.get(1), 1, EnumSet.of(ScalarType.LONG)),
        meta,
        "positions i64[n] as input 1");
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
        kvCache && inputs.get(1).sizes().get(0) > 1,
        Math.toIntExact(logits.sizes().get(logits.rank() - 1)));
  }

  private static MethodMeta require(ExecuTorchModule module, String method) {
    if (!module.methodNames().contains(method)) {
      throw new InvalidModelException(
          "The program has no method "
              + method
              + "; its methods are "
              + new TreeSet<>(module.methodNames()));
    }
    MethodMeta meta = module.methodMeta(method);
    require(!meta.inputs().isEmpty() && meta.inputs().size() <= 2, meta, "1 or 2 inputs");
    return meta;
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
