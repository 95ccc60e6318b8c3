package io.github.flinkexecutorch.connector;

import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_IMAGE_CACHE_SIZE;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_KV_CACHE_SIZE;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_KV_TYPE;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_MAX_SEQUENCES;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_MAX_STEP_TOKENS;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_MEMORY_LIMIT;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_PACKED_WEIGHT_CACHE;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_PAGE_TOKENS;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_PREFIX_CACHE;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.ENGINE_SHARING;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.MODEL_CACHE_DIRECTORY;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.MODEL_CACHE_RETENTION;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.MODEL_DATA_FILES;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.MODEL_LOAD_MODE;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.MODEL_PATH;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.MODEL_POOL_THREADS;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.MODEL_THREADING;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.MODEL_VERSION_FILE;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.PROFILE_DIRECTORY;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.PROFILE_STEP;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.TOKENIZER_PATH;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.XNNPACK_WEIGHT_CACHE;
import static io.github.flinkexecutorch.connector.ExecuTorchOptions.XNNPACK_WORKSPACE_SHARING;

import io.github.flinkexecutorch.llm.engine.EngineOptions;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import io.github.flinkexecutorch.llm.engine.InferenceEngines;
import io.github.flinkexecutorch.llm.engine.ModelCopies;
import io.github.flinkexecutorch.llm.engine.ModelSpec;
import io.github.flinkexecutorch.llm.engine.StepProfile;
import io.github.flinkexecutorch.runtime.Threading;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;

/**
 * Opens the engine that the subtask's model wants. A batched program has one engine for all
 * subtasks of a process, unless the options say otherwise; a standard one has a runner for each
 * subtask, over shared weights.
 *
 * @param options the {@code executorch.model.*}, {@code executorch.engine.*}, {@code
 *     executorch.xnnpack.*} and {@code executorch.tokenizer.*} options
 */
record ModelEngineFactory(Configuration options) implements EngineFactory {
  private static final int RUNNERS_PER_SUBTASK = 1;

  /**
   * @throws IllegalArgumentException if a required option is missing, one is out of its range or
   *     two contradict each other
   */
  ModelEngineFactory {
    for (ConfigOption<String> required : List.of(MODEL_PATH, TOKENIZER_PATH)) {
      if (options.getOptional(required).filter(path -> !path.isBlank()).isEmpty()) {
        throw new IllegalArgumentException(
            "Option " + required.key() + " is missing: a path as every TaskManager sees it.");
      }
    }
    int poolThreads = options.get(MODEL_POOL_THREADS);
    Threading threading = options.get(MODEL_THREADING);
    if (poolThreads < 0 || (poolThreads > 0 && threading == Threading.INLINE)) {
      throw new IllegalArgumentException(
          "Option %s is %d with %s %s: set it to 0, or to the size of the pool with threading %s."
              .formatted(
                  MODEL_POOL_THREADS.key(),
                  poolThreads,
                  MODEL_THREADING.key(),
                  threading,
                  Threading.POOL));
    }
    if (options.contains(MODEL_VERSION_FILE)
        != options.get(MODEL_PATH).contains(ModelPaths.VERSION)) {
      throw new IllegalArgumentException(
          "Option %s and %s in %s need each other: set both or none."
              .formatted(MODEL_VERSION_FILE.key(), ModelPaths.VERSION, MODEL_PATH.key()));
    }
    engineOptions(options);
  }

  @Override
  public CompletableFuture<InferenceEngine> open(String name) {
    return open(name, version());
  }

  @Override
  public CompletableFuture<InferenceEngine> open(String name, String version) {
    Duration retention = options.get(MODEL_CACHE_RETENTION);
    if (!retention.isZero()) {
      ModelCopies.deleteUnused(cacheDirectory(), retention);
    }
    return InferenceEngines.openAsync(
        spec(version),
        engineOptions(options),
        options.get(ENGINE_SHARING),
        RUNNERS_PER_SUBTASK,
        name);
  }

  @Override
  public String version() {
    return ModelPaths.from(options).version();
  }

  @Override
  public boolean isVersioned() {
    return options.contains(MODEL_VERSION_FILE);
  }

  private ModelSpec spec(String version) {
    return new ModelSpec(
        ModelPaths.of(options.get(MODEL_PATH), version),
        ModelPaths.of(options.get(TOKENIZER_PATH), version),
        options.get(MODEL_DATA_FILES).stream().map(file -> ModelPaths.of(file, version)).toList(),
        options.get(MODEL_LOAD_MODE),
        options.get(MODEL_THREADING),
        options.get(MODEL_POOL_THREADS),
        new XnnpackOptions(
            options.get(XNNPACK_WORKSPACE_SHARING),
            options.get(XNNPACK_WEIGHT_CACHE),
            Optional.empty()),
        cacheDirectory());
  }

  private static EngineOptions engineOptions(Configuration options) {
    try {
      return new EngineOptions(
          options.get(ENGINE_MAX_SEQUENCES),
          options.get(ENGINE_MAX_STEP_TOKENS),
          bytes(options, ENGINE_KV_CACHE_SIZE),
          options.get(ENGINE_PAGE_TOKENS),
          options.get(ENGINE_KV_TYPE),
          options.get(ENGINE_PREFIX_CACHE),
          bytes(options, ENGINE_IMAGE_CACHE_SIZE),
          bytes(options, ENGINE_MEMORY_LIMIT),
          options.get(ENGINE_PACKED_WEIGHT_CACHE),
          new StepProfile(
              options.get(PROFILE_STEP), options.getOptional(PROFILE_DIRECTORY).map(Path::of)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "An option executorch.engine.* cannot work: " + e.getMessage(), e);
    }
  }

  private static long bytes(Configuration options, ConfigOption<MemorySize> option) {
    return options.get(option).getBytes();
  }

  private Path cacheDirectory() {
    return options
        .getOptional(MODEL_CACHE_DIRECTORY)
        .map(Path::of)
        .orElseGet(
            () ->
                Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "flink-executorch-models-" + System.getProperty("user.name")));
  }
}
