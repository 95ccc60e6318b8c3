package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/** What the parser does with a record that has no value. */
@PublicEvolving
public enum TombstonePolicy {
  /** The record is dropped and counted in the {@code tombstones} metric. */
  SKIP,
  /** The record becomes a failure of kind {@link FailureKind#MALFORMED}. */
  DEAD_LETTER
}
