package io.github.flinkexecutorch.llm.engine;

import java.util.ArrayList;
import java.util.List;

/** What one execution of a batched program computes. Reused; confined to the engine's thread. */
final class Step {
  private final List<Run> runs = new ArrayList<>();
  private final List<Integer> published = new ArrayList<>();
  private int tokens;
  private int rows;

  /**
   * The next positions of one sequence.
   *
   * @param tokens how many
   * @param row which row of the logits is the last position's; -1 if they are not wanted
   */
  record Run(LLMSession session, int tokens, int row) {}

  void clear() {
    runs.clear();
    published.clear();
    tokens = 0;
    rows = 0;
  }

  /** Adds the next {@code count} positions of a sequence; its logits are wanted if none is left. */
  void add(LLMSession session, int count) {
    boolean last = count == session.pending();
    runs.add(new Run(session, count, last ? rows++ : -1));
    tokens += count;
  }

  boolean holds(LLMSession session) {
    for (Run run : runs) {
      if (run.session() == session) {
        return true;
      }
    }
    return false;
  }

  /** The prefix cache relies on this step to fill the page. */
  void published(int page) {
    published.add(page);
  }

  List<Run> runs() {
    return runs;
  }

  List<Integer> published() {
    return published;
  }

  /** Tokens of all runs. */
  int tokens() {
    return tokens;
  }

  /** Rows of logits that are wanted. */
  int rows() {
    return rows;
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }
}
