package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * Which sequences the tokens of one execution belong to, and in which pages their keys and values
 * are: one run for every sequence, in the order of the method's tokens.
 *
 * <p>Reused from step to step and confined to one thread. The runs of a step write to pages of
 * their own; pages that they only read may be shared.
 */
public final class PagedStep {
  // The words are those of kernels/step.h.
  private static final int RUN_WORDS = 4;

  private final IntBuffer words;
  private final long address;
  private final int maxSequences;
  private int runs;

  /**
   * @param maxSequences runs that a step can have
   * @param maxTablePages pages that the tables of a step can name, all together
   */
  public PagedStep(int maxSequences, int maxTablePages) {
    long size = 1 + (long) RUN_WORDS * maxSequences + maxTablePages;
    if (maxSequences < 1 || maxTablePages < 1 || size > Integer.MAX_VALUE / Integer.BYTES) {
      throw new IllegalArgumentException(
          "A step cannot have %d sequences and %d table pages"
              .formatted(maxSequences, maxTablePages));
    }
    Native.require();
    this.maxSequences = maxSequences;
    this.words =
        ByteBuffer.allocateDirect((int) size * Integer.BYTES)
            .order(ByteOrder.nativeOrder())
            .asIntBuffer();
    this.address = NativeBridge.et_address(words);
    clear();
  }

  /** Forgets all runs. */
  public void clear() {
    runs = 0;
    words.put(0, 0).position(1 + RUN_WORDS * maxSequences);
  }

  /**
   * Adds a run.
   *
   * @param tokens how many of the method's tokens belong to the sequence
   * @param position the position of the first of them in its sequence
   * @param pages the sequence's pages, in the order of its positions; copied
   * @param pageCount how many of them there are; they must reach up to the run's last token
   * @throws IllegalArgumentException if the numbers make no run
   * @throws IllegalStateException if the step is full
   */
  public void add(int tokens, int position, int[] pages, int pageCount) {
    if (tokens < 1 || position < 0 || pageCount < 1 || pageCount > pages.length) {
      throw new IllegalArgumentException(
          "A run cannot have %d tokens from position %d on in %d of %d pages"
              .formatted(tokens, position, pageCount, pages.length));
    }
    if (runs == maxSequences || pageCount > words.remaining()) {
      throw new IllegalStateException(
          "The step has room for %d runs and %d more table pages; it has %d runs and gets %d pages"
              .formatted(maxSequences, words.remaining(), runs, pageCount));
    }
    int run = 1 + RUN_WORDS * runs;
    words.put(run, tokens).put(run + 1, position);
    words.put(run + 2, words.position()).put(run + 3, pageCount);
    words.put(pages, 0, pageCount);
    words.put(0, ++runs);
  }

  /** Where the words are; valid while this object is reachable. */
  long address() {
    return address;
  }

  int words() {
    return words.position();
  }
}
