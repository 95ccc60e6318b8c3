package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.GenerationTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/**
 * Requests become outcomes on the subtask's engine, which may be one that others use too.
 *
 * <p>Each request has exactly one outcome. Only what makes the engine unusable fails the task. The
 * time limit is the engine's and counts the run alone, so a request never times out for waiting
 * behind another one; Flink's own timeout, which counts from the queue, is to be left off.
 */
final class LlmAsyncFunction extends RichAsyncFunction<InferenceRequest, Outcome>
    implements CheckpointListener {
  private static final long serialVersionUID = 1L;

  private final EngineFactory factory;
  private final GenerationSettings settings;
  private final ServingSettings serving;

  private transient NativeMemory memory;
  private transient SubtaskEngine engine;
  private transient Outcomes outcomes;
  private transient Map<ResultFuture<Outcome>, CompletableFuture<Answer>> running;
  private transient volatile boolean closed;

  LlmAsyncFunction(EngineFactory factory, GenerationSettings settings, ServingSettings serving) {
    this.factory = factory;
    this.settings = settings;
    this.serving = serving;
  }

  /** Also looks what Flink plans for native memory, which the context of a function hides. */
  @Override
  public void setRuntimeContext(RuntimeContext context) {
    super.setRuntimeContext(context);
    memory = NativeMemory.of(context);
  }

  /**
   * Loads the model.
   *
   * @throws SuppressRestartsException if it can never be loaded, so that the job fails at once
   *     instead of restarting for ever
   */
  @Override
  public void open(OpenContext context) throws Exception {
    RuntimeContext task = getRuntimeContext();
    running = new ConcurrentHashMap<>();
    engine =
        SubtaskEngine.open(factory, settings, serving, memory, task.getMetricGroup(), nameOf(task));
    outcomes = Outcomes.in(task, settings.maxCompletionBytes());
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // deliver() can only fail once the task has ended
  public void asyncInvoke(InferenceRequest request, ResultFuture<Outcome> result) {
    if (request.rejection() != null) {
      result.complete(() -> counted(outcomes.rejected(request)));
      return;
    }
    CompletableFuture<Answer> answer = engine.submit(request);
    running.put(result, answer);
    answer.whenComplete((generated, failure) -> deliver(request, result, generated, failure));
  }

  /** What comes from now on may go to another version of the model. */
  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    engine.checkpointCompleted();
  }

  /** For an operator that has a timeout of its own, although ours has none. */
  @Override
  public void timeout(InferenceRequest request, ResultFuture<Outcome> result) {
    CompletableFuture<Answer> answer = running.remove(result);
    GenerationTimeoutException late =
        new GenerationTimeoutException(
            "Request " + request.id() + " was not completed within the operator's timeout.");
    result.complete(() -> counted(outcomes.failed(request, late)));
    if (answer != null) {
      answer.cancel(true);
    }
  }

  /** Stops what is running; outcomes that come later are dropped. Safe after a failed open. */
  @Override
  public void close() {
    closed = true;
    if (engine != null) {
      engine.close();
    }
  }

  /** On the engine's thread: nothing but handing over to the task's thread. */
  private void deliver(
      InferenceRequest request, ResultFuture<Outcome> result, Answer answer, Throwable thrown) {
    running.remove(result);
    if (closed) {
      return;
    }
    if (thrown == null) {
      result.complete(() -> counted(outcomes.completed(request, answer)));
      return;
    }
    Throwable failure = FailureClassifier.unwrap(thrown);
    if (FailureClassifier.classify(failure) == FailureKind.FATAL) {
      result.completeExceptionally(failure);
    } else {
      result.complete(() -> counted(outcomes.failed(request, thrown)));
    }
  }

  /** In the task's thread, where metrics may be touched. */
  private List<Outcome> counted(Outcome outcome) {
    engine.counted(outcome);
    return List.of(outcome);
  }

  private static String nameOf(RuntimeContext task) {
    return task.getTaskInfo().getIndexOfThisSubtask() + "-" + task.getTaskInfo().getAttemptNumber();
  }
}
