package io.github.flinkexecutorch.llm.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A source that the first of its users opens and the last one closes. */
final class SharedSource {
  private final Supplier<RunnerSource> opener;
  private final AtomicBoolean taken = new AtomicBoolean();
  private final AtomicInteger users;
  private final CompletableFuture<RunnerSource> source = new CompletableFuture<>();

  SharedSource(Supplier<RunnerSource> opener, int users) {
    this.opener = opener;
    this.users = new AtomicInteger(users);
  }

  /** Opens the source if nobody has begun to, and waits for it. */
  RunnerSource open() {
    if (taken.compareAndSet(false, true)) {
      try {
        source.complete(opener.get());
      } catch (RuntimeException | Error e) {
        source.completeExceptionally(e);
      }
    }
    return get();
  }

  /**
   * The source, waiting for whoever opens it.
   *
   * @throws RuntimeException the reason why it could not be opened
   */
  RunnerSource get() {
    try {
      return source.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** One user less. */
  void release() {
    if (users.decrementAndGet() == 0 && source.isDone() && !source.isCompletedExceptionally()) {
      source.join().close();
    }
  }
}
