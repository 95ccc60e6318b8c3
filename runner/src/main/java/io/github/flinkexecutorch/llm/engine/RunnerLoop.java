package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.IRunner;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one runner's thread: load, serve requests until there is none in the queue's next
 * entry, free. Nobody else touches the runner, so nothing is freed while it is in use.
 */
final class RunnerLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RunnerLoop.class);

  private final SharedSource source;
  private final BlockingQueue<Optional<PooledRequest>> queue;
  private final Runnable onLoaded;
  private final Consumer<Throwable> onLoadFailure;
  private IRunner runner;

  RunnerLoop(
      SharedSource source,
      BlockingQueue<Optional<PooledRequest>> queue,
      Runnable onLoaded,
      Consumer<Throwable> onLoadFailure) {
    this.source = source;
    this.queue = queue;
    this.onLoaded = onLoaded;
    this.onLoadFailure = onLoadFailure;
  }

  @Override
  public void run() {
    try {
      if (load()) {
        serve();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody here interrupts; take it as the end
    } finally {
      discardRunner();
      source.release();
    }
  }

  private boolean load() {
    try {
      runner = source.open().newRunner();
    } catch (RuntimeException | Error e) {
      onLoadFailure.accept(e);
      return false;
    }
    onLoaded.run();
    return true;
  }

  private void serve() throws InterruptedException {
    for (var next = queue.take(); next.isPresent(); next = queue.take()) {
      if (!next.get().run(this::runner)) {
        discardRunner();
      }
    }
  }

  /** The runner, opened anew if the runtime failed in the one before. */
  private IRunner runner() {
    if (runner == null) {
      runner = source.get().newRunner();
    }
    return runner;
  }

  private void discardRunner() {
    IRunner old = runner;
    runner = null;
    if (old != null) {
      try {
        old.close();
      } catch (RuntimeException e) {
        LOG.warn("A runner could not be closed; its memory stays allocated", e);
      }
    }
  }
}
