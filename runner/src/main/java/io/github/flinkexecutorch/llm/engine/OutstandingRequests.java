package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The requests of an engine's user that are not complete. Safe for use by several threads. */
final class OutstandingRequests {
  private final Map<Long, CompletableFuture<GenerationResult>> futures = new ConcurrentHashMap<>();
  private final AtomicLong nextKey = new AtomicLong();
  private final String engine;
  private volatile Throwable end; // null while this is open

  /**
   * @param engine its name, for errors
   */
  OutstandingRequests(String engine) {
    this.engine = engine;
  }

  /** Counts a request until it is complete; completes it at once if this is closed. */
  CompletableFuture<GenerationResult> add(CompletableFuture<GenerationResult> future) {
    long key = nextKey.getAndIncrement();
    futures.put(key, future);
    var unused = future.whenComplete((result, failure) -> futures.remove(key));
    if (isClosed()) {
      future.completeExceptionally(end);
    }
    return future;
  }

  int size() {
    return futures.size();
  }

  /** Completes when all of now are complete. */
  CompletableFuture<Void> drain() {
    List<CompletableFuture<?>> ends = new ArrayList<>();
    futures.values().forEach(future -> ends.add(future.handle((result, failure) -> null)));
    return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
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
    futures.values().forEach(future -> future.completeExceptionally(end));
  }
}
