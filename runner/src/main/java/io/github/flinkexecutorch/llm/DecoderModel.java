package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;

/** A loaded model with the parts that run it, known to fit its tokenizer. */
record DecoderModel(
    ModelProfile profile, TextDecoderRunner decoder, TextPrefiller prefiller, Sampler sampler) {

  /** Makes the decoder once the context's length is known. */
  interface DecoderOpener {
    TextDecoderRunner open(int contextLength);
  }

  /**
   * Puts the parts together.
   *
   * @param prefill the signature of the method that is fed prompts, already loaded
   * @param chunk most tokens of one execution
   * @param startNanos when the loading began, by {@link System#nanoTime}
   * @throws InvalidModelException if the tokenizer is not the model's own
   */
  static DecoderModel of(
      LLMMetadata metadata,
      DecoderSignature prefill,
      int chunk,
      DecoderOpener opener,
      Tokenizer tokenizer,
      Compatibility compatibility,
      long startNanos) {
    int contextLength =
        prefill.kvCache()
            ? metadata.maxContextLen()
            : Math.min(metadata.maxContextLen(), prefill.maxTokens());
    ModelProfile.requireSameVocabulary(tokenizer.vocabSize(), prefill.logitsWidth());
    TextDecoderRunner decoder = opener.open(contextLength);
    ModelProfile profile =
        ModelProfile.of(
            metadata,
            prefill.logitsWidth(),
            contextLength,
            ContextLimit.EXPORT,
            tokenizer,
            compatibility,
            startNanos);
    return new DecoderModel(
        profile,
        decoder,
        new TextPrefiller(decoder, chunk, compatibility),
        new Sampler(tokenizer.vocabSize()));
  }
}
