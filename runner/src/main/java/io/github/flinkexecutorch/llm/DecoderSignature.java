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
 * The shape of a decoder method: {@code (tokens i64[1, T][, positions i64[1] or i64[T]]) -> logits
 * [1, V] or [1, T, V]}.
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
      EnumSet.of(ScalarType.FLOAT, ScalarType.HALF, ScalarType.BFLOAT16);

  /**
   * Reads the signature without loading the method.
   *
   * @throws InvalidModelException naming what is different, if the method is not such a decoder
   */
  static DecoderSignature read(ExecuTorchModule module, String method) {
    if (!module.methodNames().contains(method)) {
      throw new InvalidModelException(
          "The program has no method "
              + method
              + "; its methods are "
              + new TreeSet<>(module.methodNames()));
    }
    MethodMeta meta = module.methodMeta(method);
    List<TensorMeta> inputs = meta.inputs();
    require(!inputs.isEmpty() && inputs.size() <= 2, meta, "1 or 2 inputs");
    require(isTensor(inputs.get(0), 2, ScalarType.LONG), meta, "token ids i64[1, T] as input 0");
    boolean kvCache = inputs.size() == 2;
    require(
        !kvCache || isTensor(inputs.get(1), 1, ScalarType.LONG),
        meta,
        "positions i64[n] as input 1");
    require(meta.outputs().size() == 1, meta, "1 output");
    TensorMeta logits = meta.outputs().get(0);
    require(
        logits.kind() == EValue.Kind.TENSOR
            && (logits.rank() == 2 || logits.rank() == 3)
            && LOGITS_TYPES.contains(logits.type()),
        meta,
        "logits [1, V] or [1, T, V] of " + LOGITS_TYPES);
    return new DecoderSignature(
        method,
        (int) Math.min(inputs.get(0).sizes().get(1), Integer.MAX_VALUE),
        kvCache,
        kvCache && inputs.get(1).sizes().get(0) > 1,
        Math.toIntExact(logits.sizes().get(logits.rank() - 1)));
  }

  private static boolean isTensor(TensorMeta meta, int rank, ScalarType type) {
    return meta.kind() == EValue.Kind.TENSOR && meta.rank() == rank && meta.type() == type;
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
