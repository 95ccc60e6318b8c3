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
   * @param context tokens that the model has been fed; kept and added to
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
    float repetition = config.repetitionPenalty();
    if (repetition != 1) {
      for (int id = context.nextSetBit(0);
          id >= 0 && id < logits.length;
          id = context.nextSetBit(id + 1)) {
        logits[id] = logits[id] > 0 ? logits[id] / repetition : logits[id] * repetition;
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

  @Override
  public void accept(int token) {
    context.set(token);
    generated.merge(token, 1, Integer::sum);
  }
}
