package io.github.flinkexecutorch.connector.table;

import java.util.Optional;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ReadableConfig;

/** What happens to a row that failed. What makes the model unusable fails the job under each. */
@PublicEvolving
public enum ErrorHandlingStrategy {
  /** What the runtime failed on is generated again; then it is as the fallback says. */
  RETRY,
  /** The job fails, and restarts as its restart strategy says. */
  FAILOVER,
  /**
   * The row comes out with its error, if the model has an output column for it; else it is dropped
   * and counted in the {@code skipped} metric.
   */
  IGNORE;

  /**
   * What happens to a row that is not tried again: the runtime's failures are, under each strategy.
   *
   * @param told whether the model's columns tell of errors
   * @return FAILOVER or IGNORE
   * @throws IllegalArgumentException if there is a fallback that is never used
   */
  static ErrorHandlingStrategy afterRetries(ReadableConfig model, boolean told) {
    ErrorHandlingStrategy given =
        model.getOptional(ExecuTorchModelOptions.ERROR_HANDLING_STRATEGY).orElse(null);
    Optional<RetryFallbackStrategy> fallback =
        model.getOptional(ExecuTorchModelOptions.RETRY_FALLBACK_STRATEGY);
    if (given == FAILOVER || given == IGNORE) {
      if (fallback.isPresent()) {
        throw new IllegalArgumentException(
            "%s is %s, so that %s has no effect: leave one of them out."
                .formatted(
                    ExecuTorchModelOptions.ERROR_HANDLING_STRATEGY.key(),
                    given,
                    ExecuTorchModelOptions.RETRY_FALLBACK_STRATEGY.key()));
      }
      return given;
    }
    if (fallback.isPresent()) {
      return fallback.get().meaning();
    }
    return given == null && told ? IGNORE : FAILOVER;
  }
}
