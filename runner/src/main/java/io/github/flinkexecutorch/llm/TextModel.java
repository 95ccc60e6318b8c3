package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded model with the parts that run it, known to fit its tokenizer.
 *
 * @param eosIds end-of-sequence tokens of tokenizer and model together
 */
record TextModel(
    LLMMetadata metadata,
    PromptEncoder encoder,
    Set<Integer> eosIds,
    TextDecoderRunner decoder,
    TextPrefiller prefiller,
    Sampler sampler,
    long loadStartMs,
    long loadEndMs) {
  private static final Logger LOG = LoggerFactory.getLogger(TextModel.class);
  private static final String METHOD = "forward";

  /**
   * Exporters round the logits up; a row wider than this beyond the tokenizer is another model's.
   */
  private static final int LEAST_PADDING = 128;

  private static final int PADDING_FRACTION = 8;

  /**
   * Loads the decoder.
   *
   * @throws InvalidModelException if the program is no text decoder, or the tokenizer not its own
   */
  static TextModel load(ExecuTorchModule module, Tokenizer tokenizer) {
    long start = System.currentTimeMillis();
    if (module.methodNames().contains(METHOD)) {
      module.loadMethod(METHOD); // first of all: an operator that is missing is the best message
    }
    LLMMetadata metadata = LLMMetadata.read(module);
    DecoderSignature signature = DecoderSignature.read(module, METHOD);
    requireSameVocabulary(tokenizer.vocabSize(), signature.logitsWidth());
    warnOfDifferentBos(metadata, tokenizer);
    int contextLength =
        signature.kvCache()
            ? metadata.maxContextLen()
            : Math.min(metadata.maxContextLen(), signature.maxTokens());
    TextDecoderRunner decoder = new TextDecoderRunner(module, signature, contextLength);
    return new TextModel(
        metadata,
        new PromptEncoder(tokenizer, metadata.bosId(), contextLength),
        eosIds(metadata, tokenizer),
        decoder,
        new TextPrefiller(decoder, TextPrefiller.chunkFor(metadata, signature)),
        new Sampler(tokenizer.vocabSize()),
        start,
        System.currentTimeMillis());
  }

  static void requireSameVocabulary(int tokens, int width) {
    if (tokens > width) {
      throw new InvalidModelException(
          "The tokenizer has ids up to "
              + (tokens - 1)
              + ", but the model's logits are only "
              + width
              + " wide; use the tokenizer that the model was exported with");
    }
    int padding = Math.max(LEAST_PADDING, tokens / PADDING_FRACTION);
    if (width - tokens > padding) {
      throw new InvalidModelException(
          "The model's logits are "
              + width
              + " wide, but the tokenizer has only "
              + tokens
              + " ids; at most "
              + padding
              + " more would be padding. Use the tokenizer that the model was exported with");
    }
  }

  private static void warnOfDifferentBos(LLMMetadata metadata, Tokenizer tokenizer) {
    boolean bothKnown =
        metadata.bosId() != Tokenizer.UNKNOWN && tokenizer.bosId() != Tokenizer.UNKNOWN;
    if (bothKnown && metadata.bosId() != tokenizer.bosId()) {
      LOG.warn(
          "The model names {} as its beginning-of-sequence id, its tokenizer {}; the tokenizer's is"
              + " used",
          metadata.bosId(),
          tokenizer.bosId());
    }
  }

  private static Set<Integer> eosIds(LLMMetadata metadata, Tokenizer tokenizer) {
    Set<Integer> ids = new HashSet<>(metadata.eosIds());
    ids.add(tokenizer.eosId());
    ids.remove(Tokenizer.UNKNOWN);
    if (ids.isEmpty()) {
      LOG.warn(
          "Neither the model nor its tokenizer names an end-of-sequence token: generations end at"
              + " their token limit. Name eos_token in tokenizer_config.json");
    }
    return Set.copyOf(ids);
  }
}
