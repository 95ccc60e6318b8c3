package io.github.flinkexecutorch.llm;

import java.util.List;

/** Chooses the tokens of one generation: processors in their order, then the sampler. */
final class TokenChooser {
  private final Sampler sampler;
  private final List<LogitProcessor> processors;
  private final boolean wantsLogprobs;
  private float[] original = new float[0];
  private float logprob;

  /**
   * @param sampler started with the generation's options
   */
  TokenChooser(Sampler sampler, List<LogitProcessor> processors, boolean wantsLogprobs) {
    this.sampler = sampler;
    this.processors = processors;
    this.wantsLogprobs = wantsLogprobs;
  }

  /**
   * The next token.
   *
   * @param logits one row; changed
   */
  int choose(float[] logits) {
    keepOriginal(logits);
    for (LogitProcessor processor : processors) {
      processor.process(logits);
    }
    return accepted(sampler.sample(logits));
  }

  /** The likeliest token, untouched by processors and temperature. */
  int chooseLikeliest(float[] logits) {
    keepOriginal(logits);
    return accepted(sampler.likeliest(logits));
  }

  /** Natural logarithm of the model's own probability of the latest token, where wanted. */
  float logprob() {
    return logprob;
  }

  /** Whether nothing may follow the latest token. */
  boolean isComplete() {
    return processors.stream().anyMatch(LogitProcessor::isComplete);
  }

  private int accepted(int token) {
    for (LogitProcessor processor : processors) {
      processor.accept(token);
    }
    if (wantsLogprobs) {
      logprob = sampler.logprob(original, token);
    }
    return token;
  }

  private void keepOriginal(float[] logits) {
    if (wantsLogprobs) {
      original = original.length == logits.length ? original : new float[logits.length];
      System.arraycopy(logits, 0, original, 0, logits.length);
    }
  }
}
