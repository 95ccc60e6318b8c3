package io.github.flinkexecutorch.connector;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Opens an engine on a thread of its own, because a task thread that cannot be interrupted for
 * three minutes costs the whole TaskManager. Owns the engine: {@link #close()} closes it, also when
 * it becomes ready only later.
 */
final class EngineOpening implements AutoCloseable {
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  private final CompletableFuture<LoadedEngine> opened = new CompletableFuture<>();
  private final Thread thread;

  /** Starts to open; {@code name} is for threads and logs. */
  EngineOpening(EngineFactory factory, String name) {
    thread = new Thread(() -> open(factory, name), "llm-load-" + name);
    thread.setDaemon(true);
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
  }

  /**
   * Waits until the engine is ready.
   *
   * @throws InterruptedException if the waiting thread was interrupted; the opening goes on until
   *     {@link #close()}
   * @throws ExecutionException with what the factory threw
   */
  LoadedEngine await() throws InterruptedException, ExecutionException {
    return opened.get();
  }

  /** Closes the engine; one that is still being opened is closed by its own thread once ready. */
  @Override
  public void close() {
    opened.thenAccept(loaded -> loaded.engine().close()).exceptionally(failed -> null);
    try {
      thread.join(CLOSE_WAIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("CatchingUnchecked")
  private void open(EngineFactory factory, String name) {
    try {
      opened.complete(factory.open(name));
    } catch (Throwable e) { // a LinkageError must reach the waiting task, too
      opened.completeExceptionally(e);
    }
  }
}
