package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Threading;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Which model to run, and how to open it.
 *
 * @param model the {@code .pte} file
 * @param tokenizer the tokenizer file, or the folder that holds it
 * @param dataFiles {@code .ptd} files with weights that the model leaves outside; often none
 * @param loadMode how the model's bytes reach memory
 * @param threading which threads a runner computes on
 * @param poolThreads size of the process's pool; 0 leaves it as it is, which is as many threads as
 *     there are fast cores unless somebody has set it. Only for {@link Threading#POOL}
 * @param xnnpack how XNNPACK keeps weights and intermediate results
 * @param cacheDirectory where private copies of the files are kept under their content's hash, so
 *     that replacing or deleting the originals never touches a running model; {@code null} to open
 *     the originals
 */
public record ModelSpec(
    Path model,
    Path tokenizer,
    List<Path> dataFiles,
    LoadMode loadMode,
    Threading threading,
    int poolThreads,
    XnnpackOptions xnnpack,
    Path cacheDirectory) {
  public ModelSpec {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(loadMode, "loadMode");
    Objects.requireNonNull(threading, "threading");
    Objects.requireNonNull(xnnpack, "xnnpack");
    if (poolThreads < 0 || (poolThreads > 0 && threading != Threading.POOL)) {
      throw new IllegalArgumentException(
          "poolThreads is the size of the pool, 0 where it is not to be set or "
              + threading
              + " does not use it; got "
              + poolThreads);
    }
    dataFiles = List.copyOf(dataFiles);
  }

  /** The originals, mapped, each runner on its own thread. */
  public static ModelSpec of(Path model, Path tokenizer) {
    return new ModelSpec(
        model,
        tokenizer,
        List.of(),
        LoadMode.MMAP,
        Threading.INLINE,
        0,
        XnnpackOptions.DEFAULTS,
        null);
  }

  public ModelSpec withDataFiles(List<Path> dataFiles) {
    return new ModelSpec(
        model, tokenizer, dataFiles, loadMode, threading, poolThreads, xnnpack, cacheDirectory);
  }

  public ModelSpec withLoadMode(LoadMode loadMode) {
    return new ModelSpec(
        model, tokenizer, dataFiles, loadMode, threading, poolThreads, xnnpack, cacheDirectory);
  }

  /** On the process's pool, of this size; 0 leaves the size as it is. */
  public ModelSpec withPool(int poolThreads) {
    return new ModelSpec(
        model,
        tokenizer,
        dataFiles,
        loadMode,
        Threading.POOL,
        poolThreads,
        xnnpack,
        cacheDirectory);
  }

  public ModelSpec withXnnpack(XnnpackOptions xnnpack) {
    return new ModelSpec(
        model, tokenizer, dataFiles, loadMode, threading, poolThreads, xnnpack, cacheDirectory);
  }

  public ModelSpec withCacheDirectory(Path cacheDirectory) {
    return new ModelSpec(
        model, tokenizer, dataFiles, loadMode, threading, poolThreads, xnnpack, cacheDirectory);
  }
}
