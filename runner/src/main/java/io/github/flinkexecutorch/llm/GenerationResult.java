package io.github.flinkexecutorch.llm;

import java.util.List;

/**
 * What one generation produced.
 *
 * @param text the generated text, without the prompt and without the end-of-sequence token; always
 *     valid Unicode
 * @param tokens the generated token ids, the end-of-sequence token included where there was one
 * @param finishReason why it ended
 * @param stats times and counts of this generation
 */
public record GenerationResult(
    String text, List<Integer> tokens, FinishReason finishReason, Stats stats) {
  public GenerationResult {
    tokens = List.copyOf(tokens);
  }
}
