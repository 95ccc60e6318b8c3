package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * The engine of one subtask, open, warm and ready, and its metrics. The engine itself may be one
 * that other subtasks use too.
 */
final class SubtaskEngine implements AutoCloseable {
  private final GenerationSettings settings;
  private final ModelVersions models;
  private final LlmMetrics metrics;

  private SubtaskEngine(GenerationSettings settings, ModelVersions models, LlmMetrics metrics) {
    this.settings = settings;
    this.models = models;
    this.metrics = metrics;
  }

  /**
   * Loads the model, and waits for it.
   *
   * @param memory what the process may take
   * @param name for threads and logs
   * @throws SuppressRestartsException if it can never be loaded, so that the job fails at once
   *     instead of restarting for ever
   */
  static SubtaskEngine open(
      EngineFactory factory,
      GenerationSettings settings,
      ServingSettings serving,
      NativeMemory memory,
      MetricGroup operator,
      String name)
      throws Exception {
    LlmMetrics metrics = new LlmMetrics(operator);
    try {
      ModelVersions models = ModelVersions.open(factory, serving, memory, name);
      metrics.modelLoaded(
          new CurrentEngine(() -> models.current().engine()), models.current().loadTime());
      metrics.served(models);
      return new SubtaskEngine(settings, models, metrics);
    } catch (ExecutionException | RuntimeException e) {
      throw FailureClassifier.isPermanentAtStart(e)
          ? new SuppressRestartsException(e instanceof ExecutionException ? e.getCause() : e)
          : e;
    }
  }

  /** Queues the request; one that cannot work has failed already. */
  CompletableFuture<Answer> submit(InferenceRequest request) {
    GenerationRequest generation;
    try {
      generation = settings.requestFor(request);
    } catch (RuntimeException e) { // an override out of its range, before the engine saw it
      return CompletableFuture.failedFuture(e);
    }
    return models.current().answer(generation);
  }

  /** A checkpoint is complete: what comes from now on may go to another version of the model. */
  void checkpointCompleted() {
    models.checkpointCompleted();
  }

  String modelDigest() {
    return models.current().version().digest();
  }

  LlmMetrics metrics() {
    return metrics;
  }

  /** Closes the engine: what is outstanding is cancelled. */
  @Override
  public void close() {
    models.close();
  }
}
