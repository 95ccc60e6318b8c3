package io.github.flinkexecutorch.connector;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;

/**
 * Lets so many records of each subtask of a source through, and what comes after them, if only the
 * end, once the test says so. The latest one made counts; sources run in this JVM.
 */
final class FirstRecords implements RateLimiterStrategy<NumberSequenceSplit> {
  private static final long serialVersionUID = 1L;
  private static volatile CompletableFuture<Void> rest;

  private final int count;

  private FirstRecords(int count) {
    this.count = count;
  }

  static FirstRecords of(int count) {
    rest = new CompletableFuture<>();
    return new FirstRecords(count);
  }

  /** Lets everything through from now on. */
  static void letTheRestThrough() {
    rest.complete(null);
  }

  @Override
  public RateLimiter<NumberSequenceSplit> createRateLimiter(int parallelism) {
    AtomicInteger given = new AtomicInteger();
    return records -> next(given.addAndGet(records));
  }

  private CompletionStage<Void> next(int record) {
    return record <= count ? CompletableFuture.completedFuture(null) : rest;
  }
}
