package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * The engine of one subtask, open and ready, and its metrics. The engine itself may be one that
 * other subtasks use too.
 */
final class SubtaskEngine implements AutoCloseable {
  private final GenerationSettings settings;
  private final EngineOpening opening;
  private final InferenceEngine engine;
  private final LlmMetrics metrics;

  private SubtaskEngine(
      GenerationSettings settings,
      EngineOpening opening,
      InferenceEngine engine,
      LlmMetrics metrics) {
    this.settings = settings;
    this.opening = opening;
    this.engine = engine;
    this.metrics = metrics;
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
      loadFiles(settings);
      InferenceEngine engine = opening.await();
      metrics.modelLoaded(engine, Duration.ofNanos(System.nanoTime() - start));
      return new SubtaskEngine(settings, opening, engine, metrics);
    } catch (ExecutionException e) {
      throw FailureClassifier.isPermanentAtStart(e)
          ? new SuppressRestartsException(e.getCause())
          : e;
    } catch (InterruptedException | SuppressRestartsException e) {
      opening.close();
      throw e;
    }
  }

  private static void loadFiles(GenerationSettings settings) {
    try {
      settings.load();
    } catch (InvalidModelException e) {
      throw new SuppressRestartsException(e);
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

  LlmMetrics metrics() {
    return metrics;
  }

  /** Closes the engine: what is outstanding is cancelled. */
  @Override
  public void close() {
    opening.close();
  }
}
