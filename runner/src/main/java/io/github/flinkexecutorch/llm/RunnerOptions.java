package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Threading;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * How to open a model for one runner.
 *
 * @param dataFiles {@code .ptd} files with weights that the model leaves outside; often none
 * @param loadMode how the model's bytes reach memory
 * @param threading which threads the runner computes on
 * @param method the decoder's name in text programs with several
 * @param compatibility what to do where upstream behaves oddly
 */
public record RunnerOptions(
    List<Path> dataFiles,
    LoadMode loadMode,
    Threading threading,
    String method,
    Compatibility compatibility) {
  /** One mapped file, computed on the calling thread. */
  public static final RunnerOptions DEFAULTS =
      new RunnerOptions(List.of(), LoadMode.MMAP, Threading.INLINE, "forward", Compatibility.FIXED);

  public RunnerOptions {
    dataFiles = List.copyOf(dataFiles);
    Objects.requireNonNull(loadMode, "loadMode");
    Objects.requireNonNull(threading, "threading");
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(compatibility, "compatibility");
  }

  public RunnerOptions withDataFiles(List<Path> dataFiles) {
    return new RunnerOptions(dataFiles, loadMode, threading, method, compatibility);
  }

  public RunnerOptions withLoadMode(LoadMode loadMode) {
    return new RunnerOptions(dataFiles, loadMode, threading, method, compatibility);
  }

  public RunnerOptions withThreading(Threading threading) {
    return new RunnerOptions(dataFiles, loadMode, threading, method, compatibility);
  }

  public RunnerOptions withMethod(String method) {
    return new RunnerOptions(dataFiles, loadMode, threading, method, compatibility);
  }

  public RunnerOptions withCompatibility(Compatibility compatibility) {
    return new RunnerOptions(dataFiles, loadMode, threading, method, compatibility);
  }
}
