package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * The engine of one subtask, open and ready, its metrics and its log. The engine itself may be one
 * that other subtasks use too.
 */
final class SubtaskEngine implements AutoCloseable {
  private final GenerationSettings settings;
  private final EngineOpening opening;
  private final InferenceEngine engine;
  private final LlmMetrics metrics;
  private final SubtaskLog log;

  private SubtaskEngine(
      GenerationSettings settings,
      EngineOpening opening,
      InferenceEngine engine,
      LlmMetrics metrics,
      SubtaskLog log) {
    this.settings = settings;
    this.opening = opening;
    this.engine = engine;
    this.metrics = metrics;
    this.log = log;
  }

  /**
   * Loads the model, and waits for it.
   *
   * @param name for threads and logs
   * @throws SuppressRestartsException if it can never be loaded, so that the job fails at once
   *     instead of restarting for ever
   */
  static SubtaskEngine open(
      EngineFactory factory, GenerationSettings settings, MetricGroup operator, String name)
      throws Exception {
    LlmMetrics metrics = new LlmMetrics(operator);
    long start = System.nanoTime();
    EngineOpening opening = new EngineOpening(factory, name);
    try {
      InferenceEngine engine = opening.await();
      Duration loadTime = Duration.ofNanos(System.nanoTime() - start);
      metrics.modelLoaded(engine, loadTime);
      SubtaskLog log = new SubtaskLog(operator);
      log.opened(engine, loadTime);
      return new SubtaskEngine(settings, opening, engine, metrics, log);
    } catch (ExecutionException e) {
      throw FailureClassifier.isPermanentAtStart(e)
          ? new SuppressRestartsException(e.getCause())
          : e;
    } catch (InterruptedException e) {
      opening.close();
      throw e;
    }
  }

  /** Queues the request; one that cannot work has failed already. */
  CompletableFuture<GenerationResult> submit(InferenceRequest request) {
    try {
      return engine.submit(settings.requestFor(request));
    } catch (RuntimeException e) { // an override out of its range, before the engine saw it
      return CompletableFuture.failedFuture(e);
    }
  }

  String modelDigest() {
    return engine.modelDigest();
  }

  /** A request has an outcome. Used by one thread at a time. */
  void counted(Outcome outcome) {
    metrics.counted(outcome);
    if (outcome.failure() != null) {
      log.failed(outcome.failure());
    }
  }

  /** Closes the engine: what is outstanding is cancelled. */
  @Override
  public void close() {
    opening.close();
  }
}
