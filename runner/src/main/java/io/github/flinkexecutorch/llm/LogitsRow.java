package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.ShortBuffer;
import java.util.List;

/** The logits of the latest token, as floats in a buffer that each execution overwrites. */
final class LogitsRow {
  private final float[] values;

  LogitsRow(int width) {
    values = new float[width];
  }

  float[] values() {
    return values;
  }

  /** Takes the last row of {@code [1, V]} or {@code [1, T, V]}. */
  void take(List<EValue> outputs) {
    Tensor logits = outputs.get(0).toTensor();
    int rows = logits.elements() / values.length;
    if (rows == 0 || logits.elements() % values.length != 0) {
      throw new ExecuTorchException(
          ErrorCode.INTERNAL,
          "Logits came back as " + logits + "; the program promised rows of " + values.length);
    }
    int first = (rows - 1) * values.length;
    switch (logits.type()) {
      case FLOAT -> logits.floats().get(first, values);
      case HALF -> takeHalf(logits.bytes().asShortBuffer(), first);
      case BFLOAT16 -> takeBrainFloat(logits.bytes().asShortBuffer(), first);
      case UINT16 -> takeUnsigned(logits.bytes().asShortBuffer(), first);
      default ->
          throw new ExecuTorchException(
              ErrorCode.INVALID_TYPE, "Logits came back as " + logits + ", expected floats");
    }
  }

  private void takeBrainFloat(ShortBuffer source, int first) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(source.get(first + i) << 16);
    }
  }

  private void takeHalf(ShortBuffer source, int first) {
    for (int i = 0; i < values.length; i++) {
      values[i] = halfToFloat(source.get(first + i));
    }
  }

  private void takeUnsigned(ShortBuffer source, int first) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Short.toUnsignedInt(source.get(first + i));
    }
  }

  /** IEEE binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
  private static float halfToFloat(short half) {
    int exponent = (half >>> 10) & 0x1f;
    int fraction = half & 0x3ff;
    float magnitude;
    if (exponent == 0x1f) {
      magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      magnitude = fraction * 0x1p-24f;
    } else {
      magnitude = Float.intBitsToFloat(((exponent + 112) << 23) | (fraction << 13));
    }
    return half < 0 ? -magnitude : magnitude;
  }
}
