package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchRuntime;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Threading;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Which model to run, and how to open it.
 *
 * @param model the {@code .pte} file
 * @param tokenizer the tokenizer file, or the folder that holds it
 * @param dataFiles {@code .ptd} files with weights that the model leaves outside; often none
 * @param loadMode how the model's bytes reach memory
 * @param threading which threads compute; {@code null} for what suits the engine: an {@link
 *     LLMEngine} has the process's pool, each runner of a {@link RunnerPool} its own thread
 * @param poolThreads size of the process's pool; 0 leaves it as it is, which is as {@link
 *     ExecuTorchRuntime#poolThreads} says unless somebody has set it. Only for what computes on the
 *     pool
 * @param xnnpack how XNNPACK keeps weights and intermediate results
 * @param cacheDirectory where private copies of the files are kept under their content's hash, so
 *     that replacing or deleting the originals never touches a running model; {@code null} to open
 *     the originals. Nothing here deletes a copy; the time of its folder is that of its last
 *     opening
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
    Objects.requireNonNull(xnnpack, "xnnpack");
    if (poolThreads < 0 || (poolThreads > 0 && threading == Threading.INLINE)) {
      throw new IllegalArgumentException(
          "poolThreads is the size of the pool, 0 where it is not to be set or threading INLINE does"
              + " not use it; got "
              + poolThreads);
    }
    dataFiles = List.copyOf(dataFiles);
  }

  /** The originals, mapped, on the threads that suit the engine. */
  public static ModelSpec of(Path model, Path tokenizer) {
    return new ModelSpec(
        model, tokenizer, List.of(), LoadMode.MMAP, null, 0, XnnpackOptions.DEFAULTS, null);
  }

  /** The threading, and the size of the pool if that is used and its size is to be set. */
  Threading applyThreading(Threading suitable) {
    Threading applied = threading == null ? suitable : threading;
    if (applied == Threading.POOL && poolThreads > 0) {
      ExecuTorchRuntime.setPoolThreads(poolThreads);
    }
    return applied;
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

  /** On these threads; the pool keeps the size that it has. */
  public ModelSpec withThreading(Threading threading) {
    return new ModelSpec(
        model, tokenizer, dataFiles, loadMode, threading, 0, xnnpack, cacheDirectory);
  }

  public ModelSpec withXnnpack(XnnpackOptions xnnpack) {
    return new ModelSpec(
        model, tokenizer, dataFiles, loadMode, threading, poolThreads, xnnpack, cacheDirectory);
  }

  public ModelSpec withCacheDirectory(Path cacheDirectory) {
    return new ModelSpec(
        model, tokenizer, dataFiles, loadMode, threading, poolThreads, xnnpack, cacheDirectory);
  }

  /**
   * Does something with the model's files, and names the model in what the runtime says against
   * them.
   *
   * @throws InvalidModelException if the runtime refuses a file, unless it is for lack of memory
   */
  <T> T blamed(Supplier<T> work) {
    try {
      return work.get();
    } catch (ExecuTorchException e) {
      if (e.code().meansOutOfMemory()) {
        throw e;
      }
      throw unusable(e);
    } catch (InvalidModelException e) {
      // Whoever sees a module or a tokenizer only does not know the file.
      throw e.getMessage().contains(model.toString()) ? e : unusable(e);
    }
  }

  private InvalidModelException unusable(RuntimeException cause) {
    return new InvalidModelException(
        "Model " + model + " cannot be used: " + cause.getMessage(), cause);
  }
}
