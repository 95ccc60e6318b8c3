package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of an engine's thread: take what has come, make a step, execute it, hand out tokens.
 * Nobody else touches model, pages and sequences.
 */
final class EngineLoop {
  private static final Logger LOG = LoggerFactory.getLogger(EngineLoop.class);

  private final String name;
  private final StepModel model;
  private final StepScheduler scheduler;
  private final PagePool pool;
  private final ImageEmbeddings images;
  private final int lookAhead;
  private final float[] logits;

  /** New sequences; an empty entry only wakes the thread up. */
  private final BlockingQueue<Optional<LLMSession>> incoming = new LinkedBlockingQueue<>();

  private volatile boolean stopped;
  private volatile EngineStats stats = EngineStats.NONE;
  private long steps;
  private long stepTokens;
  private long stepRows;
  private long promptTokens;
  private long cachedPromptTokens;
  private long failedSteps;
  private long executionNanos;
  private long overheadNanos;
  private long latestStepNanos;
  private long executedAt; // by System.nanoTime, 0 if the thread had nothing to do since

  /**
   * @param name the model's, for errors
   * @param lookAhead how many waiting sequences may have their images encoded at once, 0 without a
   *     vision encoder
   */
  EngineLoop(
      String name,
      StepModel model,
      StepScheduler scheduler,
      PagePool pool,
      ImageEmbeddings images,
      int lookAhead,
      int logitsWidth) {
    this.name = name;
    this.model = model;
    this.scheduler = scheduler;
    this.pool = pool;
    this.images = images;
    this.lookAhead = lookAhead;
    this.logits = new float[logitsWidth];
  }

  /** Adds a sequence; from any thread. */
  void add(LLMSession session) {
    incoming.add(Optional.of(session));
  }

  /** Ends {@link #run} after the step that is being computed; from any thread. */
  void stop() {
    stopped = true;
    incoming.add(Optional.empty());
  }

  /** As of the latest step; from any thread. */
  EngineStats stats() {
    return stats;
  }

  /** Serves until it is stopped. */
  void run() throws InterruptedException {
    while (!stopped) {
      serve();
    }
  }

  /** Drops what is left after {@link #run}; LLMEngine has told whoever waits for it. */
  void end() {
    stopped = true;
    incoming.forEach(this::take);
    scheduler.failAll(new CancellationException("The engine was closed"));
    publishStats();
  }

  private void serve() throws InterruptedException {
    if (scheduler.isIdle()) {
      executedAt = 0;
      take(incoming.take());
    }
    for (var next = incoming.poll(); next != null; next = incoming.poll()) {
      take(next);
    }
    if (lookAhead > 0 && scheduler.hasRoom()) {
      images.prepare(scheduler.waiting().first(lookAhead));
    }
    Step step = scheduler.next();
    if (!stopped && !step.isEmpty()) {
      execute(step);
    }
    publishStats();
  }

  private void take(Optional<LLMSession> next) {
    next.ifPresent(scheduler.waiting()::add);
  }

  private void execute(Step step) {
    long start = System.nanoTime();
    overheadNanos += executedAt == 0 ? 0 : start - executedAt;
    executedAt = 0;
    try {
      model.execute(step);
    } catch (ExecuTorchException e) {
      failedSteps++;
      LOG.warn("A step of {} sequences failed: {}", step.runs().size(), e.getMessage());
      scheduler.fail(e);
      model.recover();
      return;
    }
    executedAt = System.nanoTime();
    latestStepNanos = executedAt;
    steps++;
    stepTokens += step.tokens();
    stepRows += step.rows();
    executionNanos += executedAt - start;
    for (Step.Run run : step.runs()) {
      run.session().computed(run.tokens(), start, executedAt);
      if (run.row() >= 0 && !goesOn(run)) {
        scheduler.remove(run.session());
      }
    }
  }

  private boolean goesOn(Step.Run run) {
    LLMSession session = run.session();
    if (session.stopsNow()) {
      return false;
    }
    if (session.isPrompt()) {
      promptTokens += session.length();
      cachedPromptTokens += session.cachedPromptTokens();
    }
    try {
      model.logits(run.row(), logits);
      return session.accept(logits);
    } catch (ExecuTorchException e) { // damaged weights give logits without a maximum
      session.fail(new ExecuTorchException(e.code(), "Model " + name + ": " + e.getMessage()));
      return false;
    } catch (Throwable e) { // whatever it is, its request must hear of it
      session.fail(e);
      return false;
    }
  }

  private void publishStats() {
    stats =
        new EngineStats(
            steps,
            stepTokens,
            stepRows,
            promptTokens,
            cachedPromptTokens,
            scheduler.preemptions(),
            failedSteps,
            scheduler.running(),
            0, // LLMEngine knows what is outstanding
            pool.pages(),
            pool.used(),
            pool.idle(),
            executionNanos,
            overheadNanos,
            latestStepNanos);
  }
}
