package io.github.flinkexecutorch.connector.table;

import org.apache.flink.annotation.PublicEvolving;

/** {@link ErrorHandlingStrategy} for a row that the runtime failed on in the last try too. */
@PublicEvolving
public enum RetryFallbackStrategy {
  FAILOVER(ErrorHandlingStrategy.FAILOVER),
  IGNORE(ErrorHandlingStrategy.IGNORE);

  private final ErrorHandlingStrategy meaning;

  RetryFallbackStrategy(ErrorHandlingStrategy meaning) {
    this.meaning = meaning;
  }

  ErrorHandlingStrategy meaning() {
    return meaning;
  }
}
