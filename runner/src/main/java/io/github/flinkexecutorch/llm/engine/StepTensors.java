package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.PagedStep;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/** The inputs of one execution, in memory that every step uses again. */
final class StepTensors {
  private final ByteBuffer tokens;
  private final ByteBuffer positions;
  private final ByteBuffer rows;
  private final LongBuffer tokenIds;
  private final LongBuffer positionNumbers;
  private final LongBuffer rowNumbers;
  private final PagedStep pages;
  private int count;
  private int rowCount;
  private int textCount;

  StepTensors(int maxTokens, int maxRows, int maxSequences, int pagesPerSequence) {
    tokens = longs(maxTokens);
    positions = longs(maxTokens);
    rows = longs(maxRows);
    tokenIds = tokens.asLongBuffer();
    positionNumbers = positions.asLongBuffer();
    rowNumbers = rows.asLongBuffer();
    pages = new PagedStep(maxSequences, maxSequences * pagesPerSequence);
  }

  /** Takes a step over. Positions that hold no token are left out of {@link #textTokens}. */
  void fill(Step step) {
    pages.clear();
    count = 0;
    textCount = 0;
    rowCount = 0;
    for (Step.Run run : step.runs()) {
      LLMSession session = run.session();
      int from = session.computed();
      long[] contents = session.positions();
      for (int position = from; position < from + run.tokens(); position++) {
        positionNumbers.put(count++, position);
        if (contents[position] >= 0) {
          tokenIds.put(textCount++, contents[position]);
        }
      }
      if (run.row() >= 0) {
        rowNumbers.put(rowCount++, count - 1);
      }
      pages.add(run.tokens(), from, session.pages(), session.pageCount());
    }
    if (rowCount == 0) {
      rowNumbers.put(rowCount++, count - 1); // the program gives one row at least
    }
  }

  /** The step of a sequence of token 0 that begins in page 0. */
  void fillWarmUp(int tokens) {
    pages.clear();
    pages.add(tokens, 0, new int[1], 1);
    count = tokens;
    textCount = tokens;
    rowCount = 1;
    rowNumbers.put(0, tokens - 1);
    for (int i = 0; i < tokens; i++) {
      tokenIds.put(i, 0);
      positionNumbers.put(i, i);
    }
  }

  PagedStep pages() {
    return pages;
  }

  /** Positions of the step. */
  int count() {
    return count;
  }

  /** Positions of the step that hold a token. */
  int textCount() {
    return textCount;
  }

  EValue textTokens() {
    return first(tokens, textCount);
  }

  EValue positions() {
    return first(positions, count);
  }

  EValue rows() {
    return first(rows, rowCount);
  }

  private static EValue first(ByteBuffer buffer, int count) {
    ByteBuffer used = buffer.duplicate().order(ByteOrder.nativeOrder());
    return EValue.of(Tensor.wrap(ScalarType.LONG, used.limit(count * Long.BYTES), count));
  }

  private static ByteBuffer longs(int count) {
    return ByteBuffer.allocateDirect(count * Long.BYTES).order(ByteOrder.nativeOrder());
  }
}
