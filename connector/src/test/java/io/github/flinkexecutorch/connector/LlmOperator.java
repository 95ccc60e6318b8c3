package io.github.flinkexecutorch.connector;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** Flink's own asynchronous operator around our function, without a cluster. */
final class LlmOperator implements AutoCloseable {
  private final OneInputStreamOperatorTestHarness<InferenceRequest, Outcome> harness;

  LlmOperator(FakeEngine engine, OutputMode mode, long timeoutMillis) throws Exception {
    this(name -> CompletableFuture.completedFuture(engine), mode, timeoutMillis);
  }

  LlmOperator(EngineFactory engines, OutputMode mode, long timeoutMillis) throws Exception {
    this(engines, mode, timeoutMillis, ServingSettings.PLAIN);
  }

  LlmOperator(EngineFactory engines, OutputMode mode, long timeoutMillis, ServingSettings serving)
      throws Exception {
    LlmAsyncFunction function =
        new LlmAsyncFunction(engines, GenerationSettings.from(new Configuration()), serving);
    ExecutionConfig config = new ExecutionConfig();
    harness =
        new OneInputStreamOperatorTestHarness<>(
            new AsyncWaitOperatorFactory<>(function, timeoutMillis, 10, mode),
            TypeInformation.of(InferenceRequest.class)
                .createSerializer(config.getSerializerConfig()));
    harness.setup(TypeInformation.of(Outcome.class).createSerializer(config.getSerializerConfig()));
  }

  /** Opens the operator with what was in flight in an earlier snapshot. */
  void open(OperatorSubtaskState snapshot) throws Exception {
    harness.initializeState(snapshot);
    harness.open();
  }

  void open() throws Exception {
    harness.open();
  }

  void process(InferenceRequest... requests) throws Exception {
    for (InferenceRequest request : requests) {
      harness.processElement(request, 0);
    }
  }

  void advanceTo(long millis) throws Exception {
    harness.setProcessingTime(millis);
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 1);
  }

  /** A checkpoint is complete everywhere. */
  void completeCheckpoint() throws Exception {
    harness.notifyOfCompletedCheckpoint(1);
  }

  /** Waits for everything in flight, as at the end of a bounded source. */
  void endInput() throws Exception {
    harness.endInput();
  }

  /** Runs what completed requests have sent to the task's thread. */
  void drain() throws Exception {
    for (Optional<Mail> mail = nextMail(); mail.isPresent(); mail = nextMail()) {
      mail.get().run();
    }
  }

  /** Everything that came out so far. */
  List<Outcome> outcomes() throws Exception {
    drain();
    return harness.extractOutputValues();
  }

  /** What failed the task from another thread than its own. */
  Optional<? extends Throwable> taskFailure() {
    return harness.getEnvironment().getActualExternalFailureCause();
  }

  /**
   * Allows the task to fail, which Flink's operator harness else takes for an error of the test.
   */
  void expectTaskFailure() {
    harness.getEnvironment().setExpectedExternalFailureCause(Throwable.class);
  }

  @Override
  public void close() {
    try {
      harness.close();
    } catch (Exception e) {
      throw new AssertionError("The operator did not close cleanly.", e);
    }
  }

  private Optional<Mail> nextMail() {
    return harness.getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
  }
}
