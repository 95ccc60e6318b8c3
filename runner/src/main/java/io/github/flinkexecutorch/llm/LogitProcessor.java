package io.github.flinkexecutorch.llm;

/**
 * Changes the scores of the next token before one is chosen: a penalty, a bias or a grammar.
 *
 * <p>Belongs to one generation, and is confined to its thread. For each token, {@link #process} is
 * called once and then {@link #accept} with what was chosen.
 */
public interface LogitProcessor {
  /**
   * Changes scores in place. A token with the score {@link Float#NEGATIVE_INFINITY} is never
   * chosen; at least one token must keep a finite score.
   *
   * @param logits one row, indexed by token id, as wide as the vocabulary of the sampler
   */
  void process(float[] logits);

  /** Tells which token was chosen, an end-of-sequence token included. */
  default void accept(int token) {}

  /**
   * Whether nothing may follow what was accepted so far: the generation then ends as if an
   * end-of-sequence token had been chosen.
   */
  default boolean isComplete() {
    return false;
  }
}
