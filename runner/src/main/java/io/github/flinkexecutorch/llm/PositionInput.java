package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.LongBuffer;

/** The input that tells a decoder where its tokens stand; made once, filled for each execution. */
final class PositionInput {
  private final boolean perToken;
  private final Tensor first = Tensor.zeros(ScalarType.LONG, 1);
  private final LongBuffer firstValue = first.longs();
  private final EValue firstInput = EValue.of(first);

  /**
   * @param perToken whether the program takes the position of each token, or only of the first
   */
  PositionInput(boolean perToken) {
    this.perToken = perToken;
  }

  /** Good until the next call. */
  EValue of(int start, int count) {
    if (!perToken || count == 1) {
      firstValue.put(0, start);
      return firstInput;
    }
    Tensor each = Tensor.zeros(ScalarType.LONG, count);
    LongBuffer values = each.longs();
    for (int i = 0; i < count; i++) {
      values.put(i, start + i);
    }
    return EValue.of(each);
  }
}
