package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.Stats;
import io.github.flinkexecutorch.llm.engine.GenerationTimeoutException;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * Writes outcomes for one subtask.
 *
 * @param job name of the job, {@code null} if unknown
 * @param subtask index of the subtask
 * @param attempt how often it was started before
 * @param modelDigest SHA-256 of the model's files
 */
record Outcomes(String job, int subtask, int attempt, String modelDigest) {
  private static final int MAX_MESSAGE = 500;

  static Outcomes in(RuntimeContext task, String modelDigest) {
    return new Outcomes(
        task.getJobInfo().getJobName(),
        task.getTaskInfo().getIndexOfThisSubtask(),
        task.getTaskInfo().getAttemptNumber(),
        modelDigest);
  }

  Outcome completed(InferenceRequest request, GenerationResult result) {
    Stats stats = result.stats();
    byte[] key = request.origin() == null ? null : request.origin().key();
    return Outcome.completed(
        new Completion(
            request.id(),
            key,
            result.text(),
            result.finishReason(),
            stats.numPromptTokens(),
            stats.numGeneratedTokens(),
            stats.numTruncatedPromptTokens(),
            modelDigest),
        new StatsReport(
            request.id(),
            key,
            subtask,
            stats.numPromptTokens(),
            stats.numCachedPromptTokens(),
            stats.numTruncatedPromptTokens(),
            stats.numGeneratedTokens(),
            stats.queueMs(),
            stats.timeToFirstTokenMs(),
            stats.promptEvalMs(),
            stats.decodeMs(),
            stats.inferenceMs(),
            stats.tokensPerSecond(),
            modelDigest));
  }

  Outcome failed(InferenceRequest request, Throwable failure) {
    return failed(
        request,
        new Rejection(
            FailureClassifier.classify(failure),
            FailureStage.GENERATE,
            messageOf(failure),
            failure.getClass().getName()));
  }

  Outcome rejected(InferenceRequest request) {
    return failed(request, request.rejection());
  }

  private Outcome failed(InferenceRequest request, Rejection reason) {
    return Outcome.failed(
        new Failure(
            request.id(),
            request.origin(),
            reason.kind(),
            reason.stage(),
            shortened(reason.message()),
            reason.exceptionClass(),
            job,
            subtask,
            attempt,
            System.currentTimeMillis()));
  }

  /** Only our own exceptions promise to keep prompts out of their messages. */
  private static String messageOf(Throwable failure) {
    if (failure instanceof InvalidRequestException
        || failure instanceof GenerationTimeoutException
        || failure instanceof ExecuTorchException) {
      return failure.getMessage();
    }
    StackTraceElement[] trace = failure.getStackTrace();
    return "Unexpected "
        + failure.getClass().getName()
        + (trace.length == 0 ? "" : " at " + trace[0]);
  }

  private static String shortened(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
  }
}
