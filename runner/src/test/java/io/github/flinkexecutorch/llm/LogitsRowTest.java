package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogitsRowTest {
  @Test
  void shouldReadHalfPrecision() {
    int[] bits = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x8001, 0x7c00, 0xfc00, 0x0000, 0x3555};
    float[] values = {
      1,
      -2,
      65504,
      0x1p-24f,
      -0x1p-24f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      0,
      0x1.554p-2f
    };

    assertThat(read(ScalarType.HALF, bits)).isEqualTo(values);
    assertThat(read(ScalarType.HALF, 0x7e00)).containsExactly(Float.NaN);
  }

  @Test
  void shouldReadBrainFloats() {
    assertThat(read(ScalarType.BFLOAT16, 0x3f80, 0xc000, 0x0000)).containsExactly(1, -2, 0);
  }

  @Test
  void shouldTakeTheLastRow() {
    LogitsRow row = new LogitsRow(2);

    row.take(List.of(EValue.of(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 3, 2))));

    assertThat(row.values()).containsExactly(5, 6);
  }

  @Test
  void shouldRefuseRowsOfAnotherWidth() {
    LogitsRow row = new LogitsRow(4);

    assertThatThrownBy(() -> row.take(List.of(EValue.of(Tensor.of(new float[6], 1, 6)))))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContaining("rows of 4");
  }

  private static float[] read(ScalarType type, int... bits) {
    Tensor tensor = Tensor.zeros(type, 1, bits.length);
    for (int i = 0; i < bits.length; i++) {
      tensor.bytes().putShort(i * Short.BYTES, (short) bits[i]);
    }
    LogitsRow row = new LogitsRow(bits.length);
    row.take(List.of(EValue.of(tensor)));
    return row.values();
  }
}
