package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.Stats;
import io.github.flinkexecutorch.llm.engine.GenerationTimeoutException;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.io.UncheckedIOException;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * Writes outcomes for one subtask.
 *
 * @param job name of the job, {@code null} if unknown
 * @param subtask index of the subtask
 * @param attempt how often it was started before
 * @param maxCompletionBytes most bytes of a completion as JSON in UTF-8
 */
record Outcomes(String job, int subtask, int attempt, long maxCompletionBytes) {
  private static final int MAX_MESSAGE = 500;
  private static final int MOST_JSON_BYTES = 6; // of a character
  private static final ObjectMapper JSON = new ObjectMapper();

  static Outcomes in(RuntimeContext task, long maxCompletionBytes) {
    return new Outcomes(
        task.getJobInfo().getJobName(),
        task.getTaskInfo().getIndexOfThisSubtask(),
        task.getTaskInfo().getAttemptNumber(),
        maxCompletionBytes);
  }

  Outcome completed(InferenceRequest request, Answer answer) {
    GenerationResult result = answer.result();
    if (isLargerThan(maxCompletionBytes, result.text())) {
      return failed(
          request,
          answer.cached() ? 0 : 1,
          new Rejection(
              FailureKind.TOO_LARGE,
              FailureStage.GENERATE,
              "Completion of %d characters exceeds the limit of %d bytes as JSON; lower the most new tokens or raise %s."
                  .formatted(
                      result.text().length(),
                      maxCompletionBytes,
                      ExecuTorchOptions.MAX_COMPLETION_SIZE.key()),
              null));
    }
    Stats stats = result.stats();
    ModelVersion model = answer.model();
    return Outcome.completed(
        new Completion(
            request.id(),
            keyOf(request),
            result.text(),
            result.finishReason(),
            stats.numPromptTokens(),
            stats.numGeneratedTokens(),
            stats.numTruncatedPromptTokens(),
            model.digest(),
            model.name(),
            request.origin() == null ? null : request.origin().headers()),
        answer.cached() ? fromCache(request, answer) : generated(request, answer));
  }

  private static boolean isLargerThan(long maxBytes, String text) {
    if ((long) text.length() * MOST_JSON_BYTES <= maxBytes) {
      return false;
    }
    try {
      return JSON.writeValueAsBytes(text).length > maxBytes;
    } catch (JsonProcessingException e) { // as every string can be written
      throw new UncheckedIOException(e);
    }
  }

  private StatsReport generated(InferenceRequest request, Answer answer) {
    Stats stats = answer.result().stats();
    return new StatsReport(
        request.id(),
        keyOf(request),
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
        answer.model().digest(),
        false);
  }

  /** Nothing was computed for it. */
  private StatsReport fromCache(InferenceRequest request, Answer answer) {
    Stats stats = answer.result().stats();
    return new StatsReport(
        request.id(),
        keyOf(request),
        subtask,
        stats.numPromptTokens(),
        stats.numPromptTokens(),
        stats.numTruncatedPromptTokens(),
        stats.numGeneratedTokens(),
        0,
        0,
        0,
        0,
        0,
        0,
        answer.model().digest(),
        true);
  }

  private static byte[] keyOf(InferenceRequest request) {
    return request.origin() == null ? null : request.origin().key();
  }

  /**
   * @param thrown what the request's future failed with, wrapped or not
   */
  Outcome failed(InferenceRequest request, Throwable thrown) {
    Throwable failure = FailureClassifier.unwrap(thrown);
    return failed(
        request,
        failure instanceof InvalidRequestException ? 0 : TriesExhaustedException.triesOf(thrown),
        new Rejection(
            FailureClassifier.classify(failure),
            FailureStage.GENERATE,
            messageOf(failure),
            failure.getClass().getName()));
  }

  Outcome rejected(InferenceRequest request) {
    return failed(request, 0, request.rejection());
  }

  private Outcome failed(InferenceRequest request, int tries, Rejection reason) {
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
            System.currentTimeMillis(),
            tries));
  }

  /** Only our own exceptions promise to keep prompts out of their messages. */
  private static String messageOf(Throwable failure) {
    if (failure instanceof InvalidRequestException
        || failure instanceof GenerationTimeoutException
        || failure instanceof NativeCrashException
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
