package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.ModelKind;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.Threading;
import java.util.concurrent.CompletableFuture;

/** Opens the engine that a model wants. */
public final class InferenceEngines {
  private InferenceEngines() {}

  /**
   * Opens a model without waiting: a batched program in an {@link LLMEngine}, any other one in a
   * {@link RunnerPool}. Cancelling the future before it is complete abandons the loading.
   *
   * @param options of an {@code LLMEngine}
   * @param sharing of an {@code LLMEngine}
   * @param runners of a {@code RunnerPool}
   * @param name tells the threads of several engines apart
   * @return completes exceptionally with {@link InvalidModelException} if the model's files cannot
   *     be used
   */
  public static CompletableFuture<InferenceEngine> openAsync(
      ModelSpec spec, EngineOptions options, EngineSharing sharing, int runners, String name) {
    CompletableFuture<InferenceEngine> opened = new CompletableFuture<>();
    Thread thread = new Thread(() -> open(spec, options, sharing, runners, name, opened));
    thread.setName("llm-open-" + name);
    thread.setDaemon(true);
    thread.start();
    return opened;
  }

  /**
   * As above, waiting. An interrupt ends the waiting; the loading is then abandoned.
   *
   * @throws InvalidModelException if the model's files cannot be used
   * @throws java.util.concurrent.CancellationException if interrupted
   */
  public static InferenceEngine open(
      ModelSpec spec, EngineOptions options, EngineSharing sharing, int runners, String name) {
    return Opening.await(
        openAsync(spec, options, sharing, runners, name), spec.model().toString(), () -> {});
  }

  private static void open(
      ModelSpec spec,
      EngineOptions options,
      EngineSharing sharing,
      int runners,
      String name,
      CompletableFuture<InferenceEngine> opened) {
    InferenceEngine engine;
    // The lease keeps the program open until the engine has its own.
    try (SharedPrograms.Lease lease = spec.blamed(() -> SharedPrograms.acquire(spec))) {
      boolean batched = isBatched(spec, lease);
      CompletableFuture<? extends InferenceEngine> opening =
          !batched
              ? RunnerPool.openAsync(spec, runners, name)
              : sharing == EngineSharing.PROCESS
                  ? SharedEngines.lease(spec, options, name)
                  : LLMEngine.openAsync(spec, options, name);
      var unused =
          opened.whenComplete(
              (done, failure) -> {
                if (failure != null) {
                  opening.cancel(true);
                }
              });
      engine = Opening.await(opening, spec.model().toString(), () -> {});
    } catch (RuntimeException | Error e) {
      opened.completeExceptionally(e);
      return;
    }
    if (!opened.complete(engine)) {
      engine.close();
    }
  }

  private static boolean isBatched(ModelSpec spec, SharedPrograms.Lease lease) {
    return spec.blamed(
        () -> {
          try (ExecuTorchModule module = lease.program().openModule(Threading.INLINE)) {
            return ModelKind.of(module) == ModelKind.BATCHED;
          }
        });
  }
}
