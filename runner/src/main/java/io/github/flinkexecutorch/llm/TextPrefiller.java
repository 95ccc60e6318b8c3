package io.github.flinkexecutorch.llm;

/** Feeds a prompt to the decoder, in chunks as large as the program takes. */
final class TextPrefiller {
  private final TextDecoderRunner decoder;
  private final int chunk;

  /**
   * @param chunk most tokens of one execution; 1 for programs of static shape
   */
  TextPrefiller(TextDecoderRunner decoder, int chunk) {
    this.decoder = decoder;
    this.chunk = chunk;
  }

  /**
   * The largest chunk that all limits of a program allow. The metadata alone would be one too many
   * for programs whose shape bound is the sequence length less one.
   */
  static int chunkFor(LLMMetadata metadata, DecoderSignature signature) {
    if (signature.kvCache() && !metadata.enableDynamicShape()) {
      return 1;
    }
    int chunk = Math.min(metadata.maxSeqLen(), signature.maxTokens());
    return metadata.slidingWindow() > 1 ? Math.min(chunk, metadata.slidingWindow() - 1) : chunk;
  }

  /**
   * Feeds {@code tokens}; afterwards the decoder holds the logits of the last one.
   *
   * @return false if the cancellation came before the end
   */
  boolean prefill(int[] tokens, Cancellation cancellation) {
    for (int from = 0; from < tokens.length; from += chunk) {
      if (cancellation.isCancelled()) {
        return false;
      }
      decoder.step(tokens, from, Math.min(from + chunk, tokens.length));
    }
    return true;
  }
}
