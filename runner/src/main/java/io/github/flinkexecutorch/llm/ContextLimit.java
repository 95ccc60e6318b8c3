package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;

/**
 * How much fits into a model's context.
 *
 * @param length most tokens of a sequence
 * @param remedy what makes {@code length} larger, for errors
 * @param maxSeqLen the metadata's {@code get_max_seq_len}; upstream takes one below {@code length}
 *     as the sign of a sliding window, which has no end
 */
record ContextLimit(int length, String remedy, int maxSeqLen, Compatibility compatibility) {
  static final String EXPORT = "export with a larger max_context_len";

  /**
   * Makes sure that a prompt fits and leaves room for a token.
   *
   * @param tokens the prompt's length
   * @param position how much the context holds already
   * @throws InvalidRequestException if it does not
   */
  void check(int tokens, int position, GenerationConfig config) {
    long end = (long) position + tokens;
    if (checksLate() ? occupied(position) + tokens >= length : end > length) {
      throw overflow(tokens, position, "does not fit: context is " + length, remedy);
    }
    if (!checksLate() && config.seqLen() != -1 && end >= config.seqLen()) {
      throw overflow(
          tokens,
          position,
          "leaves no room to generate: seqLen is " + config.seqLen(),
          "raise seqLen");
    }
  }

  /**
   * Most tokens of a prompt that may be cut: with what it leaves the most new tokens can be
   * generated or, if these are more than half of what is left of the context, half of it. Without a
   * limit to the new tokens at least one can.
   *
   * @param position how much the context holds already
   */
  int roomForPrompt(int position, GenerationConfig config) {
    int end = config.seqLen() == -1 ? length : Math.min(config.seqLen(), length);
    // A full context gives one token yet, from the logits of the prompt; a full seqLen gives none.
    int most = config.seqLen() == -1 ? length : Math.min(config.seqLen() - 1, length);
    int half = Math.max(0, end - position) / 2;
    int reserved = config.maxNewTokens() <= 1 ? 0 : Math.min(config.maxNewTokens(), half);
    return Math.min(most, end - reserved) - position;
  }

  /**
   * Most tokens to generate after a prompt, at least 1.
   *
   * @param position how much the context holds with the prompt
   */
  int maxNewTokens(GenerationConfig config, int position) {
    if (!checksLate()) {
      // A full context has no slot for another token, but the prompt's logits still give one.
      return Math.max(1, config.resolveMaxNewTokens(length, position));
    }
    int room = config.resolveMaxNewTokens(length, occupied(position));
    if (room < 1) {
      throw overflow(
          position, 0, "leaves no room to generate: context is " + length, "raise seqLen");
    }
    return room;
  }

  private int occupied(int position) {
    return maxSeqLen < length ? 0 : position;
  }

  private boolean checksLate() {
    return compatibility.has(Quirk.ROOM_IS_CHECKED_LATE);
  }

  private static InvalidRequestException overflow(
      int tokens, int position, String limit, String remedy) {
    return new InvalidRequestException(
        Reason.CONTEXT_OVERFLOW,
        "Prompt of %d tokens %s, position %d. Shorten it or %s"
            .formatted(tokens, limit, position, remedy));
  }
}
