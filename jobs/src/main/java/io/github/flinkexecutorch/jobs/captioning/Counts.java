package io.github.flinkexecutorch.jobs.captioning;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far a job is, by its accumulators.
 *
 * @param captions images with a caption
 * @param failures images without one, by the kind of failure
 * @param skipped images that an earlier run has finished
 */
record Counts(long captions, SortedMap<String, Long> failures, long skipped, long generatedTokens) {
  static final Counts NONE = of(Map.of());

  static Counts of(Map<String, Object> accumulators) {
    SortedMap<String, Long> failures = new TreeMap<>();
    accumulators.forEach(
        (name, count) -> {
          if (name.startsWith(Tally.DEAD_LETTERS)) {
            failures.put(name.substring(Tally.DEAD_LETTERS.length()), (Long) count);
          }
        });
    return new Counts(
        count(accumulators, Tally.CAPTIONS),
        failures,
        count(accumulators, Tally.SKIPPED),
        count(accumulators, Tally.GENERATED_TOKENS));
  }

  long failed() {
    return failures.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Images that this job has finished, one way or the other. */
  long finished() {
    return captions + failed();
  }

  private static long count(Map<String, Object> accumulators, String name) {
    return accumulators.get(name) instanceof Long count ? count : 0;
  }
}
