package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded model with the parts that run it, known to fit its tokenizer.
 *
 * @param eosIds end-of-sequence tokens of tokenizer and model together
 */
record DecoderModel(
    LLMMetadata metadata,
    PromptEncoder encoder,
    ContextLimit context,
    Set<Integer> eosIds,
    TextDecoderRunner decoder,
    TextPrefiller prefiller,
    Sampler sampler,
    LoadTimes loadTimes) {
  private static final Logger LOG = LoggerFactory.getLogger(DecoderModel.class);

  /**
   * Exporters round the logits up; a row wider than this beyond the tokenizer is another model's.
   */
  private static final int LEAST_PADDING = 128;

  private static final int PADDING_FRACTION = 8;

  /** Makes the decoder once the context's length is known. */
  interface DecoderOpener {
    TextDecoderRunner open(int contextLength);
  }

  /**
   * Puts the parts together.
   *
   * @param prefill the signature of the method that is fed prompts, already loaded
   * @param chunk most tokens of one execution
   * @param startMs when the loading began
   * @throws InvalidModelException if the tokenizer is not the model's own
   */
  static DecoderModel of(
      LLMMetadata metadata,
      DecoderSignature prefill,
      int chunk,
      DecoderOpener opener,
      Tokenizer tokenizer,
      Compatibility compatibility,
      long startMs) {
    requireSameVocabulary(tokenizer.vocabSize(), prefill.logitsWidth());
    warnOfDifferentBos(metadata, tokenizer);
    int contextLength =
        prefill.kvCache()
            ? metadata.maxContextLen()
            : Math.min(metadata.maxContextLen(), prefill.maxTokens());
    TextDecoderRunner decoder = opener.open(contextLength);
    return new DecoderModel(
        metadata,
        new PromptEncoder(tokenizer, metadata.bosId(), compatibility),
        new ContextLimit(contextLength, metadata.maxSeqLen(), compatibility),
        eosIds(metadata, tokenizer, compatibility),
        decoder,
        new TextPrefiller(decoder, chunk, compatibility),
        new Sampler(tokenizer.vocabSize()),
        new LoadTimes(startMs, System.currentTimeMillis()));
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

  private static Set<Integer> eosIds(
      LLMMetadata metadata, Tokenizer tokenizer, Compatibility compatibility) {
    Set<Integer> ids = new HashSet<>();
    if (compatibility.has(Quirk.EOS_REPLACED_BY_MODEL)) {
      ids.addAll(metadata.listedEosIds());
      if (ids.isEmpty()) {
        ids.add(tokenizer.eosId());
      }
    } else {
      ids.addAll(metadata.eosIds());
      ids.add(tokenizer.eosId());
    }
    ids.remove(Tokenizer.UNKNOWN);
    if (ids.isEmpty()) {
      LOG.warn(
          "Neither the model nor its tokenizer names an end-of-sequence token: generations end at"
              + " their token limit. Name eos_token in tokenizer_config.json");
    }
    return Set.copyOf(ids);
  }
}
