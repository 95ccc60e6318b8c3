package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * Turns prompts into tokens that fit the model.
 *
 * @param modelBosId the model's own beginning-of-sequence token, for tokenizers that name none;
 *     {@link Tokenizer#UNKNOWN} if it has none either
 * @param contextLength most tokens of a sequence
 */
record PromptEncoder(Tokenizer tokenizer, int modelBosId, int contextLength) {
  /**
   * The tokens of a prompt that follows {@code position} earlier ones.
   *
   * @throws InvalidRequestException if there are none, or more than fit
   */
  int[] encode(String prompt, GenerationConfig config, int position) {
    int[] tokens = prompt.isEmpty() ? new int[0] : encode(prompt, config);
    if (tokens.length == 0) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT, "The prompt is empty; there is nothing to continue");
    }
    int end = position + tokens.length;
    if (end > contextLength) {
      throw overflow(
          tokens.length,
          position,
          "does not fit: context is " + contextLength,
          "export with a larger max_context_len");
    }
    if (config.seqLen() != -1 && end >= config.seqLen()) {
      throw overflow(
          tokens.length,
          position,
          "leaves no room to generate: seqLen is " + config.seqLen(),
          "raise seqLen");
    }
    return tokens;
  }

  private int[] encode(String prompt, GenerationConfig config) {
    boolean modelKnowsBetter =
        tokenizer.bosId() == Tokenizer.UNKNOWN && modelBosId != Tokenizer.UNKNOWN;
    if (!modelKnowsBetter) {
      return tokenizer.encode(prompt, config.numBos(), config.numEos());
    }
    int[] text = tokenizer.encode(prompt, 0, config.numEos());
    int[] tokens = new int[config.numBos() + text.length];
    Arrays.fill(tokens, 0, config.numBos(), modelBosId);
    System.arraycopy(text, 0, tokens, config.numBos(), text.length);
    return tokens;
  }

  private static InvalidRequestException overflow(
      int tokens, int position, String limit, String remedy) {
    return new InvalidRequestException(
        Reason.CONTEXT_OVERFLOW,
        "Prompt of %d tokens %s, position %d. Shorten it or %s"
            .formatted(tokens, limit, position, remedy));
  }
}
