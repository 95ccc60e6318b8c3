package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/** What happens to a record that failed. {@link FailureKind#FATAL} fails the task under each. */
@PublicEvolving
public enum FailurePolicy {
  /** The task fails, and the job restarts as its restart strategy says. */
  FAIL,
  /** The record is dropped and counted in the {@code skipped} metric. */
  SKIP,
  /** The record goes to {@link InferenceStreams#failures()}. */
  DEAD_LETTER
}
