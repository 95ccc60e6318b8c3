package io.github.flinkexecutorch.llm.grammar;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The tokens of a vocabulary as a tree of their bytes, laid out so that one pass from the left to
 * the right visits each node before those below it. Immutable.
 */
final class TokenTrie {
  /** A walk comes to few states, but to each of them often; the steps of so many are kept. */
  private static final int CACHED_STATES_BITS = 6;

  private static final int CACHED_STATES = 1 << CACHED_STATES_BITS;
  private static final int SPREAD = 0x9E3779B1;

  /** The byte that leads to each node. */
  private final byte[] labels;

  private final int[] depths;

  /** The first node behind the ones below each node. */
  private final int[] ends;

  /** Where the tokens of each node begin in {@link #tokens}, and where those of the last end. */
  private final int[] firstToken;

  private final int[] tokens;
  private final int maxDepth;
  private final BitSet singleBytes = new BitSet(256);

  /** Receives a token and where it leads. */
  interface TokenVisitor {
    void token(int id, int next);
  }

  /**
   * @param bytes those of each token id; null or empty for a token that no text may contain
   */
  TokenTrie(byte[][] bytes) {
    tokens =
        IntStream.range(0, bytes.length)
            .filter(id -> bytes[id] != null && bytes[id].length > 0)
            .boxed()
            .sorted(Comparator.comparing(id -> bytes[id], Arrays::compareUnsigned))
            .mapToInt(Integer::intValue)
            .toArray();
    int nodes = countNodes(bytes);
    labels = new byte[nodes];
    depths = new int[nodes];
    ends = new int[nodes];
    firstToken = new int[nodes + 1];
    maxDepth = fill(bytes);
  }

  private int countNodes(byte[][] bytes) {
    int nodes = 0;
    byte[] previous = new byte[0];
    for (int token : tokens) {
      nodes += bytes[token].length - commonPrefix(previous, bytes[token]);
      previous = bytes[token];
    }
    return nodes;
  }

  private int fill(byte[][] bytes) {
    int deepest = 0;
    int node = 0;
    byte[] previous = new byte[0];
    int[] path = new int[Arrays.stream(tokens).map(id -> bytes[id].length).max().orElse(0)];
    for (int i = 0; i < tokens.length; i++) {
      byte[] current = bytes[tokens[i]];
      int common = commonPrefix(previous, current);
      close(path, common, previous.length, node);
      for (int depth = common; depth < current.length; depth++) {
        labels[node] = current[depth];
        depths[node] = depth;
        firstToken[node] = i;
        path[depth] = node++;
      }
      firstToken[node] = i + 1;
      deepest = Math.max(deepest, current.length);
      if (current.length == 1) {
        singleBytes.set(current[0] & 0xff);
      }
      previous = current;
    }
    close(path, 0, previous.length, node);
    return deepest;
  }

  private void close(int[] path, int from, int to, int end) {
    for (int depth = from; depth < to; depth++) {
      ends[path[depth]] = end;
    }
  }

  private static int commonPrefix(byte[] left, byte[] right) {
    int mismatch = Arrays.mismatch(left, right);
    return mismatch < 0 ? left.length : mismatch;
  }

  /** Bytes of the longest token. */
  int maxDepth() {
    return maxDepth;
  }

  /** Whether some token is one byte from this range. */
  boolean hasByteBetween(int min, int max) {
    int value = singleBytes.nextSetBit(min);
    return value >= 0 && value <= max;
  }

  /** Visits every token that may follow in a state, by rising bytes. */
  void walk(ByteAutomaton automaton, int state, TokenVisitor visitor) {
    int[] states = new int[maxDepth + 1];
    states[0] = state;
    int[][] steps = new int[CACHED_STATES][];
    int[] stepsOf = new int[CACHED_STATES];
    Arrays.fill(stepsOf, ByteAutomaton.DEAD);
    int node = 0;
    while (node < labels.length) {
      int depth = depths[node];
      int from = states[depth];
      int slot = (from * SPREAD) >>> (Integer.SIZE - CACHED_STATES_BITS);
      if (stepsOf[slot] != from) {
        steps[slot] = automaton.steps(from, steps[slot]);
        stepsOf[slot] = from;
      }
      int next = steps[slot][labels[node] & 0xff];
      if (next == ByteAutomaton.DEAD) {
        node = ends[node];
      } else {
        states[depth + 1] = next;
        int end = firstToken[node + 1];
        for (int i = firstToken[node]; i < end; i++) {
          visitor.token(tokens[i], next);
        }
        node++;
      }
    }
  }
}
