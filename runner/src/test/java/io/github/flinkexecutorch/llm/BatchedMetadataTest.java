package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.runtime.EValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchedMetadataTest {
  @Test
  void shouldReadTheConstants() {
    assertThat(BatchedMetadata.read(batched())).isEqualTo(new BatchedMetadata(2, 2, 16, 128, 64));
  }

  @ParameterizedTest
  @ValueSource(strings = {"get_n_layers", "get_n_kv_heads", "get_head_dim"})
  void shouldRefuseMoreThanKvPagesCanHold(String constant) {
    for (long wrong : new long[] {0, 65537, Integer.MAX_VALUE}) {
      FakeModule module = batched().constant(constant, EValue.of(wrong));

      assertThatThrownBy(() -> BatchedMetadata.read(module))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContainingAll(constant, String.valueOf(wrong), "65536");
    }
  }

  private static FakeModule batched() {
    return FakeModule.repeating('x')
        .constant("get_batched_abi", EValue.of(1))
        .constant("get_n_layers", EValue.of(2))
        .constant("get_n_kv_heads", EValue.of(2))
        .constant("get_head_dim", EValue.of(16))
        .constant("get_max_step_tokens", EValue.of(128))
        .constant("get_max_step_rows", EValue.of(64));
  }
}
