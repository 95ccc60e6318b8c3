package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/**
 * A dead letter: a record without a completion, with all that is needed to send it again.
 *
 * @param id id of the request
 * @param origin the source record as it came in, {@code null} where the request had none
 * @param kind why it failed
 * @param stage where it failed
 * @param message what was tried, which limit, what to change; shortened, never the prompt
 * @param exceptionClass class of the exception behind it, {@code null} if there was none
 * @param job name of the job, {@code null} in SQL, where functions are not told
 * @param subtask index of the subtask
 * @param attempt how often this subtask was started before, 0 in the first run
 * @param failedAt milliseconds since the epoch
 * @param tries how often it was tried in this attempt, 0 if it was refused before
 */
@PublicEvolving
public record Failure(
    String id,
    RecordOrigin origin,
    FailureKind kind,
    FailureStage stage,
    String message,
    String exceptionClass,
    String job,
    int subtask,
    int attempt,
    long failedAt,
    int tries) {

  /** Of a record that was refused before the model saw it. */
  public Failure(
      String id,
      RecordOrigin origin,
      FailureKind kind,
      FailureStage stage,
      String message,
      String exceptionClass,
      String job,
      int subtask,
      int attempt,
      long failedAt) {
    this(id, origin, kind, stage, message, exceptionClass, job, subtask, attempt, failedAt, 0);
  }
}
