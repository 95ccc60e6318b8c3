package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import io.github.flinkexecutorch.llm.engine.PoisonedEngine;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.Configuration;

/** The operator on engines that some records crash. */
public final class PoisonedInference {
  private PoisonedInference() {}

  public static LlmInference of(Configuration options) {
    Engines engines =
        new Engines(
            options.get(ExecuTorchOptions.MODEL_PATH),
            options.get(ExecuTorchOptions.TOKENIZER_PATH));
    return LlmInference.builder().options(options).engines(engines).build();
  }

  private record Engines(String model, String tokenizer) implements EngineFactory {
    @Override
    public CompletableFuture<InferenceEngine> open(String name) {
      return PoisonedEngine.open(Path.of(model), Path.of(tokenizer), name);
    }
  }
}
