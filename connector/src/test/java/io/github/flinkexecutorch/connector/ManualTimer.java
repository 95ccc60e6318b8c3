package io.github.flinkexecutorch.connector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A clock that stands still until the test moves it. */
final class ManualTimer implements Timer {
  private record Due(long nanos, Runnable task) {}

  private final List<Due> tasks = new ArrayList<>();
  private long now = Long.MAX_VALUE - 1000; // the machine's clock may wrap around, too
  private boolean closed;

  /** Moves the clock, and runs what is due. */
  void advance(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
    List<Due> due = tasks.stream().filter(task -> task.nanos - now <= 0).toList();
    tasks.removeAll(due);
    due.stream().sorted(Comparator.comparing(Due::nanos)).forEach(task -> task.task.run());
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public Runnable runAfter(long nanos, Runnable task) {
    Due due = new Due(now + nanos, task);
    tasks.add(due);
    return () -> tasks.remove(due);
  }

  @Override
  public void close() {
    closed = true;
    tasks.clear();
  }
}
