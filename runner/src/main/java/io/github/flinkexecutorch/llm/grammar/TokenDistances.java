package io.github.flinkexecutorch.llm.grammar;

import java.util.Arrays;
import java.util.BitSet;

/**
 * How many tokens of a vocabulary lead from each state of an automaton to an accepting one.
 *
 * <p>Counted by tokens of one byte, so that the number is enough rather than least; tokens of more
 * bytes are looked at only where those of one byte lead nowhere. From every state with a distance
 * some token leads to a state with a smaller one.
 */
final class TokenDistances {
  /** The distance of a state from which no tokens lead to an accepting one. */
  static final int NEVER = Integer.MAX_VALUE;

  private static final int MAX_EDGES = 20_000_000;

  private final ByteAutomaton automaton;
  private final TokenTrie trie;
  private final int[] distances;

  /** Edges to each state: where they begin in {@link #sources}, and where the last ones end. */
  private int[] first;

  private int[] sources;

  private TokenDistances(ByteAutomaton automaton, TokenTrie trie) {
    this.automaton = automaton;
    this.trie = trie;
    this.distances = new int[automaton.states()];
  }

  static int[] of(ByteAutomaton automaton, TokenTrie trie) {
    TokenDistances distances = new TokenDistances(automaton, trie);
    distances.measure(new BitSet());
    BitSet unreached = new BitSet();
    for (int state = 0; state < automaton.states(); state++) {
      unreached.set(state, distances.distances[state] == NEVER);
    }
    if (!unreached.isEmpty()) {
      distances.measure(unreached);
    }
    return distances.distances;
  }

  private interface EdgeVisitor {
    void edge(int from, int to);
  }

  /** Receives the edges of single bytes, and for some states those of all tokens. */
  private void forEachEdge(BitSet byAllTokens, EdgeVisitor visitor) {
    for (int state = 0; state < automaton.states(); state++) {
      int from = state;
      if (byAllTokens.get(state)) {
        BitSet targets = new BitSet();
        trie.walk(automaton, state, (token, next) -> targets.set(next));
        targets.stream().forEach(target -> visitor.edge(from, target));
      } else {
        automaton.forEachTransition(
            state,
            (min, max, target) -> {
              if (trie.hasByteBetween(min, max)) {
                visitor.edge(from, target);
              }
            });
      }
    }
  }

  private void measure(BitSet byAllTokens) {
    int[] counts = new int[automaton.states() + 1];
    int[] total = new int[1];
    forEachEdge(
        byAllTokens,
        (from, to) -> {
          counts[to + 1]++;
          if (++total[0] > MAX_EDGES) {
            throw GrammarLimits.tooLarge();
          }
        });
    Arrays.parallelPrefix(counts, Integer::sum);
    first = counts;
    sources = new int[total[0]];
    int[] next = counts.clone();
    forEachEdge(byAllTokens, (from, to) -> sources[next[to]++] = from);
    search();
  }

  /** From the accepting states backward, in the order of distance. */
  private void search() {
    int[] queue = new int[distances.length];
    int end = 0;
    for (int state = 0; state < distances.length; state++) {
      distances[state] = automaton.isAccepting(state) ? 0 : NEVER;
      if (automaton.isAccepting(state)) {
        queue[end++] = state;
      }
    }
    for (int i = 0; i < end; i++) {
      for (int edge = first[queue[i]]; edge < first[queue[i] + 1]; edge++) {
        int source = sources[edge];
        if (distances[source] == NEVER) {
          distances[source] = distances[queue[i]] + 1;
          queue[end++] = source;
        }
      }
    }
  }
}
