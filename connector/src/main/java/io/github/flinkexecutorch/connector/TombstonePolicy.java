package io.github.flinkexecutorch.connector;

/** What the parser does with a record that has no value. */
public enum TombstonePolicy {
  /** The record is dropped and counted in the {@code tombstones} metric. */
  SKIP,
  /** The record becomes a failure of kind {@link FailureKind#MALFORMED}. */
  DEAD_LETTER
}
