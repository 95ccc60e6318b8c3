package io.github.flinkexecutorch.jobs.files;

import org.apache.flink.annotation.Internal;

/**
 * How many records a run has before it.
 *
 * @param records more than 0 if that is known
 * @param exact whether they were counted, not estimated
 */
@Internal
public record RunTotal(long records, boolean exact) {
  public static final RunTotal UNKNOWN = new RunTotal(-1, false);

  public static RunTotal of(long records) {
    return new RunTotal(records, true);
  }

  boolean known() {
    return records > 0;
  }
}
