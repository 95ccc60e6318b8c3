package io.github.flinkexecutorch.jobs.files;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.annotation.Internal;

/**
 * How far a job is, by its accumulators.
 *
 * @param values by the names of {@link Tally}
 */
@Internal
public record Counts(SortedMap<String, Long> values) {
  public static final Counts NONE = of(Map.of());

  public Counts {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  public static Counts of(Map<String, Object> accumulators) {
    SortedMap<String, Long> values = new TreeMap<>();
    accumulators.forEach(
        (name, value) -> {
          if (value instanceof Long count) {
            values.put(name, count);
          }
        });
    return new Counts(values);
  }

  public long get(String name) {
    return values.getOrDefault(name, 0L);
  }

  /** The values whose names begin so, by what follows. */
  public SortedMap<String, Long> below(String prefix) {
    SortedMap<String, Long> found = new TreeMap<>();
    values
        .tailMap(prefix)
        .forEach(
            (name, value) -> {
              if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), value);
              }
            });
    return found;
  }

  /** The sum of what is {@link #below} a prefix. */
  public long sum(String prefix) {
    return below(prefix).values().stream().mapToLong(Long::longValue).sum();
  }

  /** Records without a result. */
  public long failed() {
    return sum(Tally.DEAD_LETTERS);
  }

  /** Records that this job has finished, one way or the other. */
  public long finished() {
    return get(Tally.COMPLETED) + failed();
  }
}
