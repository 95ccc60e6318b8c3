package io.github.flinkexecutorch.llm.grammar;

import java.util.HashMap;
import java.util.Map;

/**
 * Where in a schema the compiler is, and which definitions are open there.
 *
 * @param path for messages, such as {@code #/properties/name}
 * @param open how often each reference was entered on the way here
 * @param depth schemas and references around this one
 */
record Scope(String path, Map<String, Integer> open, int depth) {
  static final Scope ROOT = new Scope("#", Map.of(), 0);

  Scope {
    if (depth > GrammarLimits.MAX_NESTING) {
      throw SchemaKeywords.invalid(
          path, "lies deeper than " + GrammarLimits.MAX_NESTING + " schemas in each other");
    }
  }

  Scope child(String step) {
    return new Scope(path + "/" + step, open, depth + 1);
  }

  /** The scope behind a reference, null if it is open as often as allowed. */
  Scope enter(String reference) {
    int times = open.getOrDefault(reference, 0);
    if (times >= GrammarLimits.MAX_RECURSION) {
      return null;
    }
    Map<String, Integer> more = new HashMap<>(open);
    more.put(reference, times + 1);
    return new Scope(reference, Map.copyOf(more), depth + 1);
  }

  /** The scope of two schemas that hold at once. */
  Scope and(Scope other) {
    Map<String, Integer> both = new HashMap<>(open);
    other.open.forEach((reference, times) -> both.merge(reference, times, Math::max));
    return new Scope(path, Map.copyOf(both), Math.max(depth, other.depth));
  }
}
