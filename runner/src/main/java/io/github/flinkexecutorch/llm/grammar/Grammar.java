package io.github.flinkexecutorch.llm.grammar;

import io.github.flinkexecutorch.llm.LogitProcessor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A compiled grammar: which tokens of one vocabulary may follow each other. Made by {@link
 * Grammars}; immutable but for its cache, and safe for use by several threads.
 */
public final class Grammar {
  /** Bytes of cached masks; at 32,000 tokens these are 1,000 masks. */
  private static final int MASK_BYTES = 4 << 20;

  private static final int LEAST_MASKS = 64;

  private final ByteAutomaton automaton;
  private final Vocabulary vocabulary;
  private final Set<Integer> eosIds;
  private final int[] distances;
  private final int[] maskClasses;

  /** By the class of a state. */
  private final Map<Integer, TokenMask> masks;

  Grammar(ByteAutomaton automaton, Vocabulary vocabulary, Set<Integer> eosIds) {
    this.automaton = automaton;
    this.vocabulary = vocabulary;
    this.eosIds = Set.copyOf(eosIds);
    this.distances = TokenDistances.of(automaton, vocabulary.trie());
    if (distances[0] == TokenDistances.NEVER) {
      throw GrammarLimits.invalid(
          "The tokenizer cannot spell any text of the grammar; its vocabulary lacks the characters");
    }
    this.maskClasses = MaskClasses.of(automaton, distances, vocabulary.trie().maxDepth());
    int capacity = Math.max(LEAST_MASKS, MASK_BYTES / Math.max(1, vocabulary.size() / Byte.SIZE));
    this.masks =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Integer, TokenMask> eldest) {
            return size() > capacity;
          }
        };
  }

  /** The rules for one generation whose length is not known. */
  public LogitProcessor newProcessor() {
    return newProcessor(Integer.MAX_VALUE);
  }

  /**
   * The rules for one generation. As its end comes near, only tokens remain that leave room for the
   * rest of the text: it ends inside the limit wherever {@link #tokensToComplete()} tokens do.
   *
   * @param maxTokens most tokens that will be generated
   * @return confined to one thread
   */
  public LogitProcessor newProcessor(int maxTokens) {
    return new GrammarProcessor(this, maxTokens);
  }

  /** So many tokens are enough for the shortest text of the grammar; fewer may be. */
  public int tokensToComplete() {
    return distances[0];
  }

  /** States of the automaton, a measure of what the grammar costs. */
  public int states() {
    return automaton.states();
  }

  boolean isAccepting(int state) {
    return automaton.isAccepting(state);
  }

  boolean isEos(int token) {
    return eosIds.contains(token);
  }

  int distance(int state) {
    return distances[state];
  }

  /**
   * The state behind a token.
   *
   * @return {@link ByteAutomaton#DEAD} if it may not come
   */
  int step(int state, int token) {
    byte[] bytes = isEos(token) ? null : vocabulary.bytes(token);
    return bytes == null || bytes.length == 0 ? ByteAutomaton.DEAD : automaton.step(state, bytes);
  }

  /** Every token that may follow, from the cache where it is there. */
  TokenMask mask(int state) {
    synchronized (masks) {
      TokenMask known = masks.get(maskClasses[state]);
      if (known != null) {
        return known;
      }
    }
    TokenMask made = mask(state, TokenDistances.NEVER - 1);
    synchronized (masks) {
      masks.put(maskClasses[state], made);
    }
    return made;
  }

  /** The tokens behind which at most {@code farthest} more are needed. */
  TokenMask mask(int state, int farthest) {
    TokenMask mask = new TokenMask(vocabulary.size());
    vocabulary
        .trie()
        .walk(
            automaton,
            state,
            (token, next) -> {
              int distance = distances[next];
              if (distance <= farthest) {
                mask.allow(token, distance);
              }
            });
    eosIds.forEach(mask::forbid);
    return mask;
  }

  Set<Integer> eosIds() {
    return eosIds;
  }
}
