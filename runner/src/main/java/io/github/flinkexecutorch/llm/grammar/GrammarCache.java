package io.github.flinkexecutorch.llm.grammar;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The grammars of one vocabulary that were used last. Safe for use by several threads. */
final class GrammarCache {
  private static final int MAX_GRAMMARS = 32;

  /** About 30 bytes a state. */
  private static final int MAX_STATES = 1_000_000;

  record Key(String type, String grammar, Set<Integer> eosIds) {}

  private final Map<Key, Grammar> grammars = new LinkedHashMap<>(16, 0.75f, true);
  private int states;

  /** The grammar of a key; made outside the lock, so that a slow one holds up no other. */
  Grammar get(Key key, Supplier<Grammar> make) {
    synchronized (this) {
      Grammar known = grammars.get(key);
      if (known != null) {
        return known;
      }
    }
    Grammar made = make.get();
    synchronized (this) {
      Grammar first = grammars.putIfAbsent(key, made);
      if (first != null) {
        return first;
      }
      states += made.states();
      evict();
      return made;
    }
  }

  private void evict() {
    var oldest = grammars.values().iterator();
    while (grammars.size() > MAX_GRAMMARS || (states > MAX_STATES && grammars.size() > 1)) {
      states -= oldest.next().states();
      oldest.remove();
    }
  }
}
