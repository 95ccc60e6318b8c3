package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final AtomicInteger inFlight = new AtomicInteger();

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
    SubtaskLog log = new SubtaskLog(operator);
    SubtaskEngine engine = new SubtaskEngine(settings, models, guard, metrics, log);
    metrics.modelLoaded(() -> models.current().engine());
    metrics.served(models, engine.inFlight::get);
    log.opened(models.current().engine(), models.current().loadTime());
    return engine;
  }

  private static CrashGuard guard(GenerationSettings settings, ModelVersions models, String name)
      throws IOException {
    if (settings.crashJournal() == null) {
      return null;
    }
    try {
      return CrashGuard.open(Path.of(settings.crashJournal()), name);
    } catch (IOException e) {
      models.close();
      throw e;
    } catch (RuntimeException e) {
      models.close();
      throw FailureClassifier.atStart(e);
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
    inFlight.incrementAndGet();
    CompletableFuture<Answer> answer = submit(models.current(), request, generation);
    var unused = answer.whenComplete((result, failure) -> inFlight.decrementAndGet());
    return answer;
  }

  /** What waits in the guard keeps the model that it came for, though another takes over. */
  private CompletableFuture<Answer> submit(
      ServedModel model, InferenceRequest request, GenerationRequest generation) {
    if (guard == null) {
      return model.answer(generation);
    }
    String digest = model.version().digest();
    return model.keptFor(() -> guard.submit(request, digest, () -> model.answer(generation)));
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
