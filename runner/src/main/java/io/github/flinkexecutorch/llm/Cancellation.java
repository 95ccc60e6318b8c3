package io.github.flinkexecutorch.llm;

import java.time.Duration;

/**
 * The stop signal of one generation: raised by {@link #cancel} or by the passing of a time limit,
 * from any thread, and never lowered again.
 *
 * <p>A signal that is raised before its generation starts stops it at once. Generations look at it
 * before every execution of the model.
 */
public final class Cancellation {
  private volatile boolean cancelled;
  private volatile Deadline deadline;

  /** Raises the signal. */
  public void cancel() {
    cancelled = true;
  }

  /** Lets the signal rise by itself when {@code limit} has passed from now on. */
  public void cancelAfter(Duration limit) {
    deadline = new Deadline(System.nanoTime(), limit.toNanos());
  }

  /** Whether the generation must end, for either reason. */
  public boolean isCancelled() {
    return cancelled || isTimedOut();
  }

  /** Whether the time limit has passed. */
  public boolean isTimedOut() {
    Deadline current = deadline;
    return current != null && System.nanoTime() - current.start >= current.limit;
  }

  private record Deadline(long start, long limit) {}
}
