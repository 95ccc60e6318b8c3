package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.Compatibility;
import io.github.flinkexecutorch.llm.IRunner;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.LLMRunners;
import io.github.flinkexecutorch.llm.RunnerOptions;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.Threading;

/** The files of a model, opened: runners share the program and the tokenizer. */
final class OpenModel implements RunnerSource {
  private final ModelSpec spec;
  private final Threading threading;
  private final SharedPrograms.Lease lease;
  private final Tokenizer tokenizer;

  private OpenModel(
      ModelSpec spec, Threading threading, SharedPrograms.Lease lease, Tokenizer tokenizer) {
    this.spec = spec;
    this.threading = threading;
    this.lease = lease;
    this.tokenizer = tokenizer;
  }

  /**
   * Opens the files of a model.
   *
   * @throws InvalidModelException if one of them cannot be used
   * @throws ExecuTorchException if the pool of the process has another size already
   */
  static OpenModel open(ModelSpec spec) {
    Threading threading = spec.applyThreading(Threading.INLINE);
    SharedPrograms.Lease lease = spec.blamed(() -> SharedPrograms.acquire(spec));
    try {
      return new OpenModel(spec, threading, lease, Tokenizers.load(spec.tokenizer()));
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
  }

  @Override
  public IRunner newRunner() {
    return spec.blamed(
        () -> {
          IRunner runner =
              LLMRunners.createRunner(
                  lease.program().openModule(threading, spec.xnnpack()),
                  tokenizer,
                  RunnerOptions.DEFAULTS.method(),
                  Compatibility.FIXED);
          try {
            runner.load();
            return runner;
          } catch (RuntimeException | Error e) {
            runner.close();
            throw e;
          }
        });
  }

  @Override
  public String modelDigest() {
    return lease.digest();
  }

  @Override
  public long modelBytes() {
    return lease.program().bytes();
  }

  @Override
  public void close() {
    tokenizer.close();
    lease.close();
  }
}
