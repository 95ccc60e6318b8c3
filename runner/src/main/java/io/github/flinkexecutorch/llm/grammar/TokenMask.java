package io.github.flinkexecutorch.llm.grammar;

import java.util.Arrays;

/** The tokens that may come next. Not changed once it is shared. */
final class TokenMask {
  private final long[] allowed;
  private int farthest;

  TokenMask(int vocabSize) {
    allowed = new long[(vocabSize + Long.SIZE - 1) / Long.SIZE];
  }

  /**
   * Allows a token.
   *
   * @param distance tokens that the grammar may ask for behind it
   */
  void allow(int token, int distance) {
    allowed[token / Long.SIZE] |= 1L << token;
    farthest = Math.max(farthest, distance);
  }

  /** Takes a token out again. */
  void forbid(int token) {
    if (token >= 0 && token / Long.SIZE < allowed.length) {
      allowed[token / Long.SIZE] &= ~(1L << token);
    }
  }

  boolean isEmpty() {
    return Arrays.stream(allowed).allMatch(bits -> bits == 0);
  }

  /** The longest distance behind any of its tokens. */
  int farthest() {
    return farthest;
  }

  /** Leaves the scores of the allowed tokens as they are, and forbids all others. */
  void apply(float[] logits) {
    for (int word = 0; word < allowed.length; word++) {
      int from = word * Long.SIZE;
      int to = Math.min(from + Long.SIZE, logits.length);
      long bits = allowed[word];
      if (bits == 0) {
        forbid(logits, from, to);
      } else if (bits != -1) {
        for (int token = from; token < to; token++) {
          if ((bits >>> token & 1) == 0) {
            logits[token] = Float.NEGATIVE_INFINITY;
          }
        }
      }
    }
    forbid(logits, allowed.length * Long.SIZE, logits.length);
  }

  private static void forbid(float[] logits, int from, int to) {
    if (from < to) {
      Arrays.fill(logits, from, to, Float.NEGATIVE_INFINITY);
    }
  }
}
