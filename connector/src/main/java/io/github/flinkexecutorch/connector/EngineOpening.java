package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An engine that is being opened, and then is open. The task thread only waits, because one that
 * cannot be interrupted for three minutes costs the whole TaskManager. Owns the engine: {@link
 * #close()} closes it, also when it becomes ready only later.
 */
final class EngineOpening implements AutoCloseable {
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  private final CompletableFuture<InferenceEngine> opened;

  /**
   * Starts to open.
   *
   * @param name for threads and logs
   * @param version which version of the model, {@code null} if there is but one
   */
  EngineOpening(EngineFactory factory, String name, String version) {
    opened = factory.open(name, version);
  }

  /**
   * Waits until the engine is ready.
   *
   * @throws InterruptedException if the waiting thread was interrupted; the opening goes on until
   *     {@link #close()}
   * @throws ExecutionException with the reason why there is no engine
   */
  InferenceEngine await() throws InterruptedException, ExecutionException {
    return opened.get();
  }

  /**
   * Closes the engine. Waits a bounded time for one that is still being opened; if it comes later,
   * its own thread closes it.
   */
  @Override
  public void close() {
    CompletableFuture<Void> closing = opened.thenAccept(InferenceEngine::close);
    try {
      closing.get(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // never opened, and await() has told why; or not opened yet, and closing goes on by itself
      return;
    }
  }
}
