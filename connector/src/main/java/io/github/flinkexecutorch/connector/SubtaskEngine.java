package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * The engine of one subtask, open, warm and ready, its metrics and its log. The engine itself may
 * be one that other subtasks use too.
 */
final class SubtaskEngine implements AutoCloseable {
  private final GenerationSettings settings;
  private final ModelVersions models;
  private final CrashGuard guard; // null: requests go to the engine as they come
  private final LlmMetrics metrics;
  private final SubtaskLog log;

  private SubtaskEngine(
      GenerationSettings settings,
      ModelVersions models,
      CrashGuard guard,
      LlmMetrics metrics,
      SubtaskLog log) {
    this.settings = settings;
    this.models = models;
    this.guard = guard;
    this.metrics = metrics;
    this.log = log;
  }

  /**
   * Loads the model, and waits for it.
   *
   * @param memory what the process may take
   * @param name for threads and logs
   * @throws SuppressRestartsException if it can never be loaded and has no versions, or the folder
   *     of the crash journals cannot be used, so that the job fails at once instead of restarting
   *     for ever
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
    ModelVersions models;
    try {
      settings.load();
      models = ModelVersions.open(factory, serving, memory, name);
    } catch (ExecutionException | RuntimeException e) {
      // With versions, a restart may find that another one is to be served.
      throw !factory.isVersioned() && FailureClassifier.isPermanentAtStart(e)
          ? new SuppressRestartsException(e instanceof ExecutionException ? e.getCause() : e)
          : e;
    }
    CrashGuard guard = guard(settings, models, name);
    metrics.modelLoaded(
        new CurrentEngine(() -> models.current().engine()), models.current().loadTime());
    metrics.served(models);
    SubtaskLog log = new SubtaskLog(operator);
    log.opened(models.current().engine(), models.current().loadTime());
    return new SubtaskEngine(settings, models, guard, metrics, log);
  }

  private static CrashGuard guard(GenerationSettings settings, ModelVersions models, String name)
      throws IOException {
    if (settings.crashJournal() == null) {
      return null;
    }
    try {
      Path folder = Path.of(settings.crashJournal());
      return CrashGuard.open(folder, models.current().version().digest(), name);
    } catch (IOException e) {
      models.close();
      throw e;
    } catch (IllegalArgumentException e) {
      models.close();
      throw new SuppressRestartsException(e);
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
    ServedModel model = models.current();
    return guard == null
        ? model.answer(generation)
        : guard.submit(request, () -> model.answer(generation));
  }

  /** A checkpoint is complete: what comes from now on may go to another version of the model. */
  void checkpointCompleted() {
    models.checkpointCompleted();
  }

  String modelDigest() {
    return models.current().version().digest();
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
    if (guard != null) {
      guard.stop();
    }
    models.close();
    if (guard != null) {
      guard.close();
    }
  }
}
