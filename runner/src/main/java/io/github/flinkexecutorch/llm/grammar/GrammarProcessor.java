package io.github.flinkexecutorch.llm.grammar;

import io.github.flinkexecutorch.llm.LogitProcessor;

/** Follows one generation through its grammar. Confined to one thread. */
final class GrammarProcessor implements LogitProcessor {
  private final Grammar grammar;
  private final int[] eosIds;
  private final float[] eosLogits;
  private int state;
  private int remaining;
  private boolean ended;

  GrammarProcessor(Grammar grammar, int maxTokens) {
    this.grammar = grammar;
    this.eosIds = grammar.eosIds().stream().mapToInt(Integer::intValue).toArray();
    this.eosLogits = new float[eosIds.length];
    this.remaining = maxTokens;
  }

  @Override
  public void process(float[] logits) {
    if (ended || (eosIds.length == 0 && isComplete())) {
      throw new IllegalStateException("The text of the grammar is complete; no token may follow");
    }
    for (int i = 0; i < eosIds.length; i++) {
      eosLogits[i] = eosIds[i] < logits.length ? logits[eosIds[i]] : 0;
    }
    continuations().apply(logits);
    for (int i = 0; i < eosIds.length && grammar.isAccepting(state); i++) {
      if (eosIds[i] < logits.length) {
        logits[eosIds[i]] = eosLogits[i];
      }
    }
  }

  @Override
  public void accept(int token) {
    remaining--;
    if (!ended && grammar.isEos(token) && grammar.isAccepting(state)) {
      ended = true;
      return;
    }
    int next = ended ? ByteAutomaton.DEAD : grammar.step(state, token);
    if (next == ByteAutomaton.DEAD) {
      throw new IllegalStateException(
          "Token " + token + " was chosen, which the grammar forbids there");
    }
    state = next;
  }

  @Override
  public boolean isComplete() {
    return ended || (grammar.isAccepting(state) && (remaining <= 0 || continuations().isEmpty()));
  }

  /**
   * The tokens that may follow. Where the limit is too low for any text, those that come nearest to
   * an end.
   */
  private TokenMask continuations() {
    TokenMask mask = grammar.mask(state);
    int farthest = Math.max(remaining - 1, grammar.distance(state) - 1);
    return mask.farthest() <= farthest ? mask : grammar.mask(state, farthest);
  }
}
