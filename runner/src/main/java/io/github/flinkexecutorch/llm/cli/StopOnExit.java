package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Stops the generation when the process is told to end (Ctrl-C, SIGTERM), and lets the process live
 * until the result so far is written.
 */
final class StopOnExit implements AutoCloseable {
  /** One execution of the model must fit in, with some room. */
  private static final long PATIENCE_SECONDS = 10;

  private final Cancellation cancellation = new Cancellation();
  private final CountDownLatch written = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "llm-stop");

  StopOnExit() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  Cancellation cancellation() {
    return cancellation;
  }

  private void stop() {
    cancellation.cancel();
    try {
      boolean inTime = written.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!inTime) {
        System.err.println("The generation did not stop in time: its result is lost");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything is written. */
  @Override
  public void close() {
    written.countDown();
    if (!cancellation.isCancelled()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the process ends just now, and the hook finds everything written
      }
    }
  }
}
