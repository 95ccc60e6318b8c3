package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs standard programs, which hold one sequence each: a fixed number of runners over one shared
 * program, each on a thread of its own named {@code llm-runner-<name>-<i>}.
 *
 * <p>Every request stands alone: what it generates depends on its prompt, its options and the
 * model, never on the requests before it. Futures are completed on the runners' threads.
 */
public final class RunnerPool implements InferenceEngine {
  private static final Logger LOG = LoggerFactory.getLogger(RunnerPool.class);
  private static final long CLOSE_LIMIT_MS = 2000;

  private final String name;
  private final SharedSource source;
  private final BlockingQueue<Optional<PooledRequest>> queue = new LinkedBlockingQueue<>();
  private final Set<PooledRequest> outstanding = ConcurrentHashMap.newKeySet();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger loading;
  private final CompletableFuture<RunnerPool> opened = new CompletableFuture<>();
  private volatile boolean closed;

  RunnerPool(String name, int runners, Supplier<RunnerSource> source) {
    if (runners < 1) {
      throw new IllegalArgumentException("A pool needs at least 1 runner, got " + runners);
    }
    this.name = name;
    this.source = new SharedSource(source, runners);
    this.loading = new AtomicInteger(runners);
    for (int i = 0; i < runners; i++) {
      RunnerLoop loop = new RunnerLoop(this.source, queue, this::loaded, this::failed);
      Thread thread = new Thread(loop, "llm-runner-" + name + "-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    var unused =
        opened.whenComplete(
            (pool, failure) -> {
              if (failure != null) {
                stop();
              }
            });
    threads.forEach(Thread::start);
  }

  /**
   * Opens a pool and waits until all its runners are loaded. An interrupt ends the waiting; the
   * loading is then abandoned.
   *
   * @param runners how many requests run at the same time
   * @param name tells the threads of several pools apart
   * @throws io.github.flinkexecutorch.llm.InvalidModelException if the model's files cannot be used
   * @throws CancellationException if interrupted
   */
  public static RunnerPool open(ModelSpec spec, int runners, String name) {
    RunnerPool pool = new RunnerPool(name, runners, () -> OpenModel.open(spec));
    return Opening.await(pool.opened, spec.model().toString(), pool::close);
  }

  /**
   * Opens a pool without waiting. Cancelling the future before it is complete abandons the loading.
   */
  public static CompletableFuture<RunnerPool> openAsync(ModelSpec spec, int runners, String name) {
    return new RunnerPool(name, runners, () -> OpenModel.open(spec)).opened();
  }

  /** Completes when all runners are loaded. */
  CompletableFuture<RunnerPool> opened() {
    return opened;
  }

  @Override
  public String modelDigest() {
    return source.get().modelDigest();
  }

  @Override
  public long modelBytes() {
    return source.get().modelBytes();
  }

  @Override
  public CompletableFuture<GenerationResult> submit(GenerationRequest request) {
    PooledRequest pooled = new PooledRequest(request, outstanding::remove);
    outstanding.add(pooled);
    queue.add(Optional.of(pooled));
    if (closed) {
      pooled.abandon(name);
    }
    return pooled.future();
  }

  @Override
  public int inFlight() {
    return outstanding.size();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  /** What runs and what waits, and nothing else. */
  @Override
  public EngineStats stats() {
    int all = outstanding.size();
    int waiting = Math.min(all, queue.size());
    return EngineStats.ofRequests(all - waiting, waiting);
  }

  /**
   * As {@link InferenceEngine#close}. Waits for 2 seconds; a thread that is still inside the
   * runtime then frees its memory by itself when it comes back.
   */
  @Override
  public void close() {
    stop();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_LIMIT_MS);
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (thread != Thread.currentThread()) {
          thread.join(Math.max(1, left));
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
      if (thread.isAlive() && thread != Thread.currentThread()) {
        LOG.warn(
            "{} is still inside the runtime {} ms after its stop; its memory is freed when it ends",
            thread.getName(),
            CLOSE_LIMIT_MS);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() {
    closed = true;
    opened.completeExceptionally(new CancellationException("Engine " + name + " was closed"));
    outstanding.forEach(request -> request.abandon(name));
    queue.clear();
    threads.forEach(thread -> queue.add(Optional.empty()));
  }

  private void loaded() {
    if (loading.decrementAndGet() == 0) {
      opened.complete(this);
    }
  }

  private void failed(Throwable failure) {
    opened.completeExceptionally(failure);
  }
}
