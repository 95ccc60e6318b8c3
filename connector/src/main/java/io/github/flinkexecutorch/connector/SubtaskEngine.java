package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.io.IOException;
import java.nio.file.Path;
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
  private final CrashGuard guard; // null: requests go to the engine as they come
  private final LlmMetrics metrics;

  private SubtaskEngine(
      GenerationSettings settings,
      EngineOpening opening,
      InferenceEngine engine,
      CrashGuard guard,
      LlmMetrics metrics) {
    this.settings = settings;
    this.opening = opening;
    this.engine = engine;
    this.guard = guard;
    this.metrics = metrics;
  }

  /**
   * Loads the model, and waits for it.
   *
   * @param name for threads and logs
   * @throws SuppressRestartsException if it can never be loaded, or the folder of the crash
   *     journals cannot be used, so that the job fails at once instead of restarting for ever
   */
  static SubtaskEngine open(
      EngineFactory factory, GenerationSettings settings, MetricGroup operator, String name)
      throws Exception {
    LlmMetrics metrics = new LlmMetrics(operator);
    long start = System.nanoTime();
    EngineOpening opening = new EngineOpening(factory, name);
    try {
      InferenceEngine engine = opening.await();
      metrics.modelLoaded(engine, Duration.ofNanos(System.nanoTime() - start));
      CrashGuard guard =
          settings.crashJournal() == null
              ? null
              : CrashGuard.open(Path.of(settings.crashJournal()), engine.modelDigest(), name);
      return new SubtaskEngine(settings, opening, engine, guard, metrics);
    } catch (ExecutionException e) {
      throw FailureClassifier.isPermanentAtStart(e)
          ? new SuppressRestartsException(e.getCause())
          : e;
    } catch (InterruptedException | IOException e) {
      opening.close();
      throw e;
    } catch (IllegalArgumentException e) {
      opening.close();
      throw new SuppressRestartsException(e);
    }
  }

  /** Queues the request; one that cannot work has failed already. */
  CompletableFuture<GenerationResult> submit(InferenceRequest request) {
    try {
      GenerationRequest generation = settings.requestFor(request);
      return guard == null
          ? engine.submit(generation)
          : guard.submit(request, () -> engine.submit(generation));
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
    if (guard != null) {
      guard.stop();
    }
    opening.close();
    if (guard != null) {
      guard.close();
    }
  }
}
