package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.ModelSpec;
import io.github.flinkexecutorch.llm.engine.RunnerPool;
import io.github.flinkexecutorch.runtime.Threading;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/**
 * Opens one runner for the subtask. Subtasks of one process share the weights.
 *
 * @param options the {@code executorch.model.*}, {@code executorch.xnnpack.*} and {@code
 *     executorch.tokenizer.*} options
 */
record RunnerPoolFactory(Configuration options) implements EngineFactory {
  private static final int RUNNERS_PER_SUBTASK = 1;

  /**
   * @throws IllegalArgumentException if a required option is missing or two contradict each other
   */
  RunnerPoolFactory {
    for (ConfigOption<String> required :
        List.of(ExecuTorchOptions.MODEL_PATH, ExecuTorchOptions.TOKENIZER_PATH)) {
      if (options.getOptional(required).filter(path -> !path.isBlank()).isEmpty()) {
        throw new IllegalArgumentException(
            "Option " + required.key() + " is missing: a path as every TaskManager sees it.");
      }
    }
    int poolThreads = options.get(ExecuTorchOptions.MODEL_POOL_THREADS);
    Threading threading = options.get(ExecuTorchOptions.MODEL_THREADING);
    if (poolThreads < 0 || (poolThreads > 0 && threading != Threading.POOL)) {
      throw new IllegalArgumentException(
          "Option %s is %d with %s %s: set it to 0, or to the size of the pool with threading %s."
              .formatted(
                  ExecuTorchOptions.MODEL_POOL_THREADS.key(),
                  poolThreads,
                  ExecuTorchOptions.MODEL_THREADING.key(),
                  threading,
                  Threading.POOL));
    }
  }

  @Override
  public CompletableFuture<LoadedEngine> open(String name) {
    return RunnerPool.openAsync(spec(), RUNNERS_PER_SUBTASK, name)
        .thenApply(pool -> new LoadedEngine(pool, pool.modelDigest(), pool.modelBytes()));
  }

  private ModelSpec spec() {
    return new ModelSpec(
        Path.of(options.get(ExecuTorchOptions.MODEL_PATH)),
        Path.of(options.get(ExecuTorchOptions.TOKENIZER_PATH)),
        options.get(ExecuTorchOptions.MODEL_DATA_FILES).stream().map(Path::of).toList(),
        options.get(ExecuTorchOptions.MODEL_LOAD_MODE),
        options.get(ExecuTorchOptions.MODEL_THREADING),
        options.get(ExecuTorchOptions.MODEL_POOL_THREADS),
        new XnnpackOptions(
            options.get(ExecuTorchOptions.XNNPACK_WORKSPACE_SHARING),
            options.get(ExecuTorchOptions.XNNPACK_WEIGHT_CACHE),
            Optional.empty()),
        cacheDirectory());
  }

  private Path cacheDirectory() {
    return options
        .getOptional(ExecuTorchOptions.MODEL_CACHE_DIRECTORY)
        .map(Path::of)
        .orElseGet(
            () ->
                Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "flink-executorch-models-" + System.getProperty("user.name")));
  }
}
