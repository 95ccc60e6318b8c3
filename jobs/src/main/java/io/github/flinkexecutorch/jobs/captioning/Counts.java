package io.github.flinkexecutorch.jobs.captioning;

import java.util.Map;

/** How far a job is, by its accumulators. */
record Counts(long captions, long deadLetters, long skipped, long generatedTokens) {
  static final Counts NONE = new Counts(0, 0, 0, 0);

  static Counts of(Map<String, Object> accumulators) {
    return new Counts(
        count(accumulators, Tally.CAPTIONS),
        count(accumulators, Tally.DEAD_LETTERS),
        count(accumulators, Tally.SKIPPED),
        count(accumulators, Tally.GENERATED_TOKENS));
  }

  /** Images that this job has finished, one way or the other. */
  long finished() {
    return captions + deadLetters;
  }

  private static long count(Map<String, Object> accumulators, String name) {
    return accumulators.get(name) instanceof Long count ? count : 0;
  }
}
