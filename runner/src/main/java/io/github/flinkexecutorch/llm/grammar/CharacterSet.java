package io.github.flinkexecutorch.llm.grammar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of Unicode code points, kept as sorted ranges that do not touch. Immutable.
 *
 * @param ranges the ranges, each inclusive
 */
record CharacterSet(List<Range> ranges) {
  static final int MAX = Character.MAX_CODE_POINT;
  static final CharacterSet ANY = of(0, MAX);

  /** Code points from {@code min} to {@code max}, both included. */
  record Range(int min, int max) {}

  CharacterSet {
    ranges = joined(ranges);
  }

  static CharacterSet of(int min, int max) {
    return new CharacterSet(List.of(new Range(min, max)));
  }

  /** The characters of a string. */
  static CharacterSet of(String characters) {
    return new CharacterSet(
        characters.codePoints().mapToObj(character -> new Range(character, character)).toList());
  }

  CharacterSet or(CharacterSet other) {
    List<Range> all = new ArrayList<>(ranges);
    all.addAll(other.ranges);
    return new CharacterSet(all);
  }

  CharacterSet complement() {
    List<Range> gaps = new ArrayList<>();
    int next = 0;
    for (Range range : ranges) {
      if (range.min > next) {
        gaps.add(new Range(next, range.min - 1));
      }
      next = range.max + 1;
    }
    if (next <= MAX) {
      gaps.add(new Range(next, MAX));
    }
    return new CharacterSet(gaps);
  }

  CharacterSet minus(CharacterSet other) {
    return complement().or(other).complement();
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  private static List<Range> joined(List<Range> ranges) {
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingInt(Range::min));
    List<Range> joined = new ArrayList<>();
    for (Range range : sorted) {
      int last = joined.size() - 1;
      if (last >= 0 && range.min <= joined.get(last).max + 1) {
        int max = Math.max(joined.get(last).max, range.max);
        joined.set(last, new Range(joined.get(last).min, max));
      } else {
        joined.add(range);
      }
    }
    return List.copyOf(joined);
  }
}
