package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.MethodInspection;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.util.List;
import java.util.Optional;

/**
 * What a method that decodes looks like from outside, read without judging it; {@link
 * DecoderSignature} judges.
 *
 * @param method the method's name
 * @param maxTokens most tokens, or embeddings, of one execution
 * @param positions how it is told where in the sequence they are
 * @param logitsType element type of the logits
 * @param logitsWidth scores per token
 * @param plannedBytes memory of each runner, the KV cache among it
 * @param cacheBytes memory of the KV cache; 0 if unknown
 */
record DecoderForm(
    String method,
    long maxTokens,
    Positions positions,
    ScalarType logitsType,
    long logitsWidth,
    long plannedBytes,
    long cacheBytes) {

  enum Positions {
    NONE("none, it remembers nothing"),
    FIRST("that of the first token"),
    EACH("one for each token");

    private final String description;

    Positions(String description) {
      this.description = description;
    }

    String description() {
      return description;
    }
  }

  /** The form of a method, empty if it takes no sequence or its first output is no logits. */
  static Optional<DecoderForm> of(MethodInspection method) {
    MethodMeta meta = method.meta();
    boolean sequence = !meta.inputs().isEmpty() && meta.inputs().get(0).rank() >= 2;
    if (!sequence || meta.outputs().isEmpty()) {
      return Optional.empty();
    }
    TensorMeta logits = meta.outputs().get(0);
    boolean scores =
        logits.kind() == EValue.Kind.TENSOR
            && (logits.rank() == 2 || logits.rank() == 3)
            && logits.type() != ScalarType.LONG
            && logits.type() != null;
    return scores
        ? Optional.of(
            new DecoderForm(
                meta.name(),
                meta.inputs().get(0).sizes().get(1),
                positions(meta.inputs()),
                logits.type(),
                logits.sizes().get(logits.rank() - 1),
                meta.plannedBytes(),
                method.cacheBytes()))
        : Optional.empty();
  }

  private static Positions positions(List<TensorMeta> inputs) {
    return inputs.stream()
        .skip(1)
        .filter(input -> input.type() == ScalarType.LONG && input.rank() == 1)
        .findFirst()
        .map(input -> input.sizes().get(0) > 1 ? Positions.EACH : Positions.FIRST)
        .orElse(Positions.NONE);
  }
}
