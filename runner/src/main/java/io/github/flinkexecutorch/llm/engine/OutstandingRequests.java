package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The requests of an engine's user that are not complete. Safe for use by several threads. */
final class OutstandingRequests {
  private final Map<Long, Outstanding> outstanding = new ConcurrentHashMap<>();
  private final AtomicLong nextKey = new AtomicLong();
  private final String engine;
  private volatile Throwable end; // null while this is open

  /**
   * A request.
   *
   * @param removed completes when it is not counted any more, just after the request itself
   */
  private record Outstanding(
      CompletableFuture<GenerationResult> future, CompletableFuture<Void> removed) {}

  /**
   * @param engine its name, for errors
   */
  OutstandingRequests(String engine) {
    this.engine = engine;
  }

  /** Counts a request until it is complete; completes it at once if this is closed. */
  CompletableFuture<GenerationResult> add(CompletableFuture<GenerationResult> future) {
    long key = nextKey.getAndIncrement();
    CompletableFuture<Void> removed = new CompletableFuture<>();
    outstanding.put(key, new Outstanding(future, removed));
    var unused =
        future.whenComplete(
            (result, failure) -> {
              outstanding.remove(key);
              removed.complete(null);
            });
    if (isClosed()) {
      future.completeExceptionally(end);
    }
    return future;
  }

  int size() {
    return outstanding.size();
  }

  /** Completes when all of now are complete and not counted any more. */
  CompletableFuture<Void> drain() {
    return CompletableFuture.allOf(
        outstanding.values().stream().map(Outstanding::removed).toArray(CompletableFuture[]::new));
  }

  boolean isClosed() {
    return end != null;
  }

  /** Cancels what is outstanding and all that comes. */
  void close() {
    close(
        new CancellationException(
            "The request was not finished: engine " + engine + " was closed"));
  }

  /** Ends what is outstanding and all that comes with a failure, unless this is closed already. */
  synchronized void close(Throwable failure) {
    if (end == null) {
      end = failure;
    }
    outstanding.values().forEach(request -> request.future.completeExceptionally(end));
  }
}
