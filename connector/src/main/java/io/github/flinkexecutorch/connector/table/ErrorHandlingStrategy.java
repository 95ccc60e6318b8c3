package io.github.flinkexecutorch.connector.table;

import org.apache.flink.annotation.PublicEvolving;

/** What happens to a row that failed. What makes the model unusable fails the job under each. */
@PublicEvolving
public enum ErrorHandlingStrategy {
  /** The job fails, and restarts as its restart strategy says. */
  FAILOVER,
  /**
   * The row comes out with its error, if the model has an output column for it; else it is dropped
   * and counted in the {@code skipped} metric.
   */
  IGNORE
}
