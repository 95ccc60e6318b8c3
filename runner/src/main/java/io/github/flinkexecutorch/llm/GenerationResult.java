package io.github.flinkexecutorch.llm;

import java.util.List;

/**
 * What one generation produced.
 *
 * @param text the generated text, without the prompt, without the end-of-sequence token and without
 *     the stop text; always valid Unicode
 * @param tokens the generated token ids, the end-of-sequence token included where there was one,
 *     and those of the stop text
 * @param logprobs natural logarithm of the probability that the model itself gave each of {@code
 *     tokens}, before penalties, grammar and temperature; empty unless asked for
 * @param finishReason why it ended
 * @param incomplete whether the last token left a character unfinished, which {@code text} then
 *     shows as U+FFFD
 * @param stats times and counts of this generation
 */
public record GenerationResult(
    String text,
    List<Integer> tokens,
    List<Float> logprobs,
    FinishReason finishReason,
    boolean incomplete,
    Stats stats) {
  public GenerationResult {
    tokens = List.copyOf(tokens);
    logprobs = List.copyOf(logprobs);
  }

  /** The same result with other statistics. */
  public GenerationResult withStats(Stats stats) {
    return new GenerationResult(text, tokens, logprobs, finishReason, incomplete, stats);
  }
}
