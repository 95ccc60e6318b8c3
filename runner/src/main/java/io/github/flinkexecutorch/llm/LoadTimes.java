package io.github.flinkexecutorch.llm;

import java.time.Duration;

/** When a model was loaded, in milliseconds since the epoch; zeros if that is not told. */
record LoadTimes(long startMs, long endMs) {
  static final LoadTimes NOT_STAMPED = new LoadTimes(0, 0);

  /**
   * A loading that ends now.
   *
   * @param startNanos when it began, by {@link System#nanoTime}: the time of day may have been set
   *     since
   */
  static LoadTimes since(long startNanos) {
    long end = System.currentTimeMillis();
    return new LoadTimes(end - Duration.ofNanos(System.nanoTime() - startNanos).toMillis(), end);
  }
}
