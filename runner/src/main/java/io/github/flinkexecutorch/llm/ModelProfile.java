package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link Generation} needs to know of its model, apart from how the model is executed: how
 * prompts become tokens, how much fits and what ends a completion. Immutable and shared by threads;
 * does not own the tokenizer.
 */
public final class ModelProfile {
  private static final Logger LOG = LoggerFactory.getLogger(ModelProfile.class);

  /**
   * Exporters round the logits up; a row wider than this beyond the tokenizer is another model's.
   */
  private static final int LEAST_PADDING = 128;

  private static final int PADDING_FRACTION = 8;

  private final LLMMetadata metadata;
  private final PromptEncoder encoder;
  private final ContextLimit context;
  private final Set<Integer> eosIds;
  private final LoadTimes loadTimes;

  private ModelProfile(
      LLMMetadata metadata,
      PromptEncoder encoder,
      ContextLimit context,
      Set<Integer> eosIds,
      LoadTimes loadTimes) {
    this.metadata = metadata;
    this.encoder = encoder;
    this.context = context;
    this.eosIds = eosIds;
    this.loadTimes = loadTimes;
  }

  /**
   * The profile of a loaded model.
   *
   * @param logitsWidth length of a row of logits
   * @param kvTokens most tokens that there is memory for; shortens the model's context
   * @param loadStartNanos when the loading began, by {@link System#nanoTime}; it ends now
   * @throws InvalidModelException if the tokenizer is not the model's own
   */
  public static ModelProfile of(
      LLMMetadata metadata,
      int logitsWidth,
      long kvTokens,
      Tokenizer tokenizer,
      long loadStartNanos) {
    int length = metadata.maxContextLen();
    String remedy =
        kvTokens < length
            ? "give the engine more memory for keys and values: the model's own context is "
                + length
            : ContextLimit.EXPORT;
    return of(
        metadata,
        logitsWidth,
        (int) Math.min(length, kvTokens),
        remedy,
        tokenizer,
        Compatibility.FIXED,
        loadStartNanos);
  }

  static ModelProfile of(
      LLMMetadata metadata,
      int logitsWidth,
      int contextLength,
      String remedy,
      Tokenizer tokenizer,
      Compatibility compatibility,
      long loadStartNanos) {
    requireSameVocabulary(tokenizer.vocabSize(), logitsWidth);
    warnOfDifferentBos(metadata, tokenizer);
    return new ModelProfile(
        metadata,
        new PromptEncoder(tokenizer, metadata.bosId(), compatibility),
        new ContextLimit(contextLength, remedy, metadata.maxSeqLen(), compatibility),
        eosIds(metadata, tokenizer, compatibility),
        LoadTimes.since(loadStartNanos));
  }

  /** What the model says of itself. */
  public LLMMetadata metadata() {
    return metadata;
  }

  /** Most tokens of a sequence. */
  public int contextLength() {
    return context.length();
  }

  Tokenizer tokenizer() {
    return encoder.tokenizer();
  }

  Compatibility compatibility() {
    return encoder.compatibility();
  }

  PromptEncoder encoder() {
    return encoder;
  }

  ContextLimit context() {
    return context;
  }

  /** End-of-sequence tokens of tokenizer and model together. */
  Set<Integer> eosIds() {
    return eosIds;
  }

  LoadTimes loadTimes() {
    return loadTimes;
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
