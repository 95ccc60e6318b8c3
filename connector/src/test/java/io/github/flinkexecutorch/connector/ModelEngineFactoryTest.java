package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void shouldRefuseAVersionFileThatNoPathUses() {
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.MODEL_VERSION_FILE, "/models/current");

    assertThatThrownBy(() -> new ModelEngineFactory(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executorch.model.version-file")
        .hasMessageContaining("{version} in executorch.model.path");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../v1", "v1/..", "v1\nv2", ".."})
  void shouldRefuseAVersionThatIsNoName(String version, @TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("current"), version);
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.MODEL_PATH, folder + "/{version}/model.pte");
    options.set(ExecuTorchOptions.MODEL_VERSION_FILE, file.toString());

    assertThatThrownBy(new ModelEngineFactory(options)::version)
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(file.toString());
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
