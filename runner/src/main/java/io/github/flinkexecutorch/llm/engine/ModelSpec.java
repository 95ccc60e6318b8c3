package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Threading;
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
    Path cacheDirectory) {
  public ModelSpec {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(loadMode, "loadMode");
    Objects.requireNonNull(threading, "threading");
    dataFiles = List.copyOf(dataFiles);
  }

  /** The originals, mapped, each runner on its own thread. */
  public static ModelSpec of(Path model, Path tokenizer) {
    return new ModelSpec(model, tokenizer, List.of(), LoadMode.MMAP, Threading.INLINE, null);
  }

  public ModelSpec withDataFiles(List<Path> dataFiles) {
    return new ModelSpec(model, tokenizer, dataFiles, loadMode, threading, cacheDirectory);
  }

  public ModelSpec withLoadMode(LoadMode loadMode) {
    return new ModelSpec(model, tokenizer, dataFiles, loadMode, threading, cacheDirectory);
  }

  public ModelSpec withThreading(Threading threading) {
    return new ModelSpec(model, tokenizer, dataFiles, loadMode, threading, cacheDirectory);
  }

  public ModelSpec withCacheDirectory(Path cacheDirectory) {
    return new ModelSpec(model, tokenizer, dataFiles, loadMode, threading, cacheDirectory);
  }
}
