package io.github.flinkexecutorch.connector;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A clock that can be set. */
interface Timer extends AutoCloseable {

  /** As {@link System#nanoTime}. */
  long nanoTime();

  /**
   * Runs something short once this time has passed, unless the timer is closed before.
   *
   * @return drops it, if it has not been run
   */
  Runnable runAfter(long nanos, Runnable task);

  /** Drops what is still to run. */
  @Override
  void close();

  /**
   * The clock of the machine, with a thread of its own.
   *
   * @param name of the thread
   */
  static Timer ofSystem(String name) {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    return new Timer() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public Runnable runAfter(long nanos, Runnable task) {
        Future<?> later = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
        return () -> later.cancel(false);
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}
