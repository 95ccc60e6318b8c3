package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.KvType;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How an {@link LLMEngine} batches, and how much memory it may take.
 *
 * @param maxSequences most prompts that are worked on at the same time; also bounded by the program
 * @param maxStepTokens most tokens of one execution, prompts and completions together; 0 for as
 *     many as the program takes
 * @param kvCacheBytes memory of the KV pages; 0 for as much as {@code maxSequences} contexts need,
 *     at most 1 GiB and at most what {@code memoryLimit} leaves
 * @param pageTokens tokens of one KV page, 16 or 32
 * @param kvType how keys and values are kept: {@link KvType#FLOAT} is exact
 * @param prefixCache whether pages of earlier prompts are used again where a prompt begins as they
 *     do; never changes a completion
 * @param imageCacheBytes memory of the embeddings of images that may come again; 0 keeps none
 * @param memoryLimit most bytes of weights, pages and working memory together; 0 for no limit
 * @param packedWeightCache whether weights that XNNPACK packs are kept in the model's cache
 *     directory, so that the next start maps them instead of packing again
 * @param profile which execution is recorded
 */
public record EngineOptions(
    int maxSequences,
    int maxStepTokens,
    long kvCacheBytes,
    int pageTokens,
    KvType kvType,
    boolean prefixCache,
    long imageCacheBytes,
    long memoryLimit,
    boolean packedWeightCache,
    StepProfile profile) {
  public static final EngineOptions DEFAULTS =
      new EngineOptions(32, 0, 0, 16, KvType.FLOAT, true, 64L << 20, 0, true, StepProfile.NONE);

  public EngineOptions {
    Objects.requireNonNull(kvType, "kvType");
    Objects.requireNonNull(profile, "profile");
    require(maxSequences >= 1, "maxSequences", ">= 1", maxSequences);
    require(maxStepTokens >= 0, "maxStepTokens", ">= 0 (0 for the program's)", maxStepTokens);
    require(kvCacheBytes >= 0, "kvCacheBytes", ">= 0 (0 for a fitting size)", kvCacheBytes);
    require(pageTokens == 16 || pageTokens == 32, "pageTokens", "16 or 32", pageTokens);
    require(imageCacheBytes >= 0, "imageCacheBytes", ">= 0", imageCacheBytes);
    require(memoryLimit >= 0, "memoryLimit", ">= 0 (0 for no limit)", memoryLimit);
  }

  public EngineOptions withMaxSequences(int maxSequences) {
    return with(changed -> changed.maxSequences = maxSequences);
  }

  public EngineOptions withMaxStepTokens(int maxStepTokens) {
    return with(changed -> changed.maxStepTokens = maxStepTokens);
  }

  /** KV pages of this size in all, each of so many tokens. */
  public EngineOptions withKvCache(long bytes, int pageTokens, KvType kvType) {
    return with(
        changed -> {
          changed.kvCacheBytes = bytes;
          changed.pageTokens = pageTokens;
          changed.kvType = kvType;
        });
  }

  public EngineOptions withPrefixCache(boolean prefixCache) {
    return with(changed -> changed.prefixCache = prefixCache);
  }

  public EngineOptions withImageCacheBytes(long imageCacheBytes) {
    return with(changed -> changed.imageCacheBytes = imageCacheBytes);
  }

  public EngineOptions withMemoryLimit(long memoryLimit) {
    return with(changed -> changed.memoryLimit = memoryLimit);
  }

  public EngineOptions withPackedWeightCache(boolean packedWeightCache) {
    return with(changed -> changed.packedWeightCache = packedWeightCache);
  }

  public EngineOptions withProfile(StepProfile profile) {
    return with(changed -> changed.profile = profile);
  }

  private EngineOptions with(Consumer<Fields> change) {
    Fields fields = new Fields(this);
    change.accept(fields);
    return fields.toOptions();
  }

  private static void require(boolean valid, String name, String rule, long value) {
    if (!valid) {
      throw new IllegalArgumentException(name + " must be " + rule + "; got " + value);
    }
  }

  /** The same values, to be changed. */
  private static final class Fields {
    private int maxSequences;
    private int maxStepTokens;
    private long kvCacheBytes;
    private int pageTokens;
    private KvType kvType;
    private boolean prefixCache;
    private long imageCacheBytes;
    private long memoryLimit;
    private boolean packedWeightCache;
    private StepProfile profile;

    Fields(EngineOptions options) {
      maxSequences = options.maxSequences;
      maxStepTokens = options.maxStepTokens;
      kvCacheBytes = options.kvCacheBytes;
      pageTokens = options.pageTokens;
      kvType = options.kvType;
      prefixCache = options.prefixCache;
      imageCacheBytes = options.imageCacheBytes;
      memoryLimit = options.memoryLimit;
      packedWeightCache = options.packedWeightCache;
      profile = options.profile;
    }

    EngineOptions toOptions() {
      return new EngineOptions(
          maxSequences,
          maxStepTokens,
          kvCacheBytes,
          pageTokens,
          kvType,
          prefixCache,
          imageCacheBytes,
          memoryLimit,
          packedWeightCache,
          profile);
    }
  }
}
