package io.github.flinkexecutorch.llm.engine;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waiting for an engine to open. */
final class Opening {
  private Opening() {}

  /**
   * The opened engine.
   *
   * @param opened cancelled if the waiting is interrupted, which abandons the loading
   * @param model what is being loaded, for errors
   * @param close called where there will be no engine
   * @throws RuntimeException the reason why there is none
   */
  static <E> E await(CompletableFuture<E> opened, String model, Runnable close) {
    try {
      return opened.get();
    } catch (InterruptedException e) {
      opened.cancel(true);
      close.run();
      Thread.currentThread().interrupt();
      throw new CancellationException("Interrupted while model " + model + " was loading");
    } catch (ExecutionException e) {
      close.run();
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException("Loading of model " + model + " failed", e.getCause());
    }
  }
}
