package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/**
 * What became of one request: a completion with its stats, or a failure.
 *
 * @param completion {@code null} with a failure
 * @param stats {@code null} with a failure
 * @param failure {@code null} with a completion
 */
@PublicEvolving
public record Outcome(Completion completion, StatsReport stats, Failure failure) {

  static Outcome completed(Completion completion, StatsReport stats) {
    return new Outcome(completion, stats, null);
  }

  static Outcome failed(Failure failure) {
    return new Outcome(null, null, failure);
  }
}
