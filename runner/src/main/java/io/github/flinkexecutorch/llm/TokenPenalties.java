package io.github.flinkexecutorch.llm;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Repetition, presence and frequency penalties and the logit bias of one generation, in this order.
 *
 * <p>The repetition penalty counts the whole context, as Hugging Face's does; the other two count
 * the completion only, as OpenAI's do.
 */
final class TokenPenalties implements LogitProcessor {
  private final GenerationConfig config;
  private final BitSet context;
  private final Map<Integer, Integer> generated = new HashMap<>();

  /**
   * @param context tokens that the model was fed, kept up to date by whoever feeds it
   */
  TokenPenalties(GenerationConfig config, BitSet context) {
    this.config = config;
    this.context = context;
  }

  /** Whether these options change any score. */
  static boolean neededFor(GenerationConfig config) {
    return config.repetitionPenalty() != 1
        || config.presencePenalty() != 0
        || config.frequencyPenalty() != 0
        || !config.logitBias().isEmpty();
  }

  @Override
  public void process(float[] logits) {
    if (config.repetitionPenalty() != 1) {
      context.stream().forEach(id -> penalizeRepetition(logits, id));
      for (int id : generated.keySet()) {
        if (!context.get(id)) { // the latest token is not fed yet
          penalizeRepetition(logits, id);
        }
      }
    }
    generated.forEach(
        (id, count) -> logits[id] -= config.presencePenalty() + count * config.frequencyPenalty());
    config
        .logitBias()
        .forEach(
            (id, bias) -> {
              if (id < logits.length) {
                logits[id] += bias;
              }
            });
  }

  private void penalizeRepetition(float[] logits, int id) {
    if (id < logits.length) {
      float penalty = config.repetitionPenalty();
      logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
    }
  }

  @Override
  public void accept(int token) {
    generated.merge(token, 1, Integer::sum);
  }
}
