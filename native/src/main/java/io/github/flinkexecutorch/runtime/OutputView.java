package io.github.flinkexecutorch.runtime;

import java.nio.LongBuffer;

/**
 * One output of a method as Java sees it. A decoder's logits lie at the same place after every
 * step, so the view of a tensor is made once and kept until its place or shape changes.
 */
final class OutputView {
  private final LongBuffer words;
  private final int at;
  private final long[] seen = new long[ValueWords.COUNT];
  private EValue value;

  OutputView(LongBuffer words, int at) {
    this.words = words;
    this.at = at;
  }

  /** Looks at the words after an execution; true if {@link #value} is another object now. */
  boolean refresh() {
    if (value != null && ValueWords.isSameTensor(words, at, seen)) {
      return false;
    }
    value = ValueWords.read(words, at);
    words.get(at, seen);
    return true;
  }

  EValue value() {
    return value;
  }
}
