package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.runtime.Threading;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

class ModelEngineFactoryTest {
  @Test
  void shouldNameTheOptionThatIsMissing() {
    Configuration options = Tickets.options();
    options.removeConfig(ExecuTorchOptions.TOKENIZER_PATH);

    assertThatThrownBy(() -> new ModelEngineFactory(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executorch.tokenizer.path");
  }

  @Test
  void shouldRefuseAPoolSizeBeforeTheJobStartsWhenThePoolIsNotUsed() {
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.MODEL_THREADING, Threading.INLINE);
    options.set(ExecuTorchOptions.MODEL_POOL_THREADS, 4);

    assertThatThrownBy(() -> new ModelEngineFactory(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executorch.model.pool-threads is 4")
        .hasMessageContaining("INLINE");
  }

  @Test
  void shouldRefuseAnEngineOptionBeforeTheJobStarts() {
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.ENGINE_PAGE_TOKENS, 17);

    assertThatThrownBy(() -> new ModelEngineFactory(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executorch.engine")
        .hasMessageContaining("pageTokens must be 16 or 32; got 17");
  }
}
