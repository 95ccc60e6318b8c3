package io.github.flinkexecutorch.connector;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads which version of a model is to be served, by a thread of its own, because a file system may
 * hang. Confined to the task's thread.
 */
final class VersionReader implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final EngineFactory factory;
  private final String name;
  private FutureTask<String> reading; // null: nobody reads

  /**
   * @param name for threads
   */
  VersionReader(EngineFactory factory, String name) {
    this.factory = factory;
    this.name = name;
  }

  /**
   * The version, however long it takes.
   *
   * @throws ExecutionException if it cannot be told
   */
  String await() throws InterruptedException, ExecutionException {
    begin();
    try {
      return reading.get();
    } finally {
      close(); // when interrupted: nobody else will
      reading = null;
    }
  }

  /**
   * The version. A reading that takes too long goes on, and nobody waits for it again: the call
   * after its end has what it has read.
   *
   * @throws ExecutionException if it cannot be told
   * @throws TimeoutException if it is still being read
   */
  String awaitShortly() throws InterruptedException, ExecutionException, TimeoutException {
    long wait = reading == null ? LIMIT.toMillis() : 0;
    if (reading == null) {
      begin();
    }
    try {
      String version = reading.get(wait, TimeUnit.MILLISECONDS);
      reading = null;
      return version;
    } catch (ExecutionException e) {
      reading = null;
      throw e;
    } catch (TimeoutException e) {
      throw new TimeoutException("which version is wanted is still being read");
    }
  }

  @Override
  public void close() {
    if (reading != null) {
      reading.cancel(true);
    }
  }

  private void begin() {
    reading = new FutureTask<>(factory::version);
    Thread thread = new Thread(reading, "llm-version-" + name);
    thread.setDaemon(true);
    thread.start();
  }
}
