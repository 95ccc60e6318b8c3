package io.github.flinkexecutorch.connector.table;

/** What happens to a row that failed. What makes the model unusable fails the job under each. */
public enum ErrorHandlingStrategy {
  /** The job fails, and restarts as its restart strategy says. */
  FAILOVER,
  /**
   * The row comes out with its error, if the model has an output column for it; else it is dropped
   * and counted in the {@code skipped} metric.
   */
  IGNORE
}
