package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.ModelProfile;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.KvPages;
import io.github.flinkexecutorch.runtime.Threading;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an engine has open. Made, used and closed on the engine's thread. */
final class EngineResources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineResources.class);
  private static final long MOST_DEFAULT_KV_BYTES = 1L << 30;

  private final SharedPrograms.Lease lease;
  private final Tokenizer tokenizer;
  private BatchedModel model;
  private ModelProfile profile;
  private PagePool pool;
  private MemoryPlan plan;
  private int maxSequences;
  private int maxStepTokens;

  private EngineResources(SharedPrograms.Lease lease, Tokenizer tokenizer) {
    this.lease = lease;
    this.tokenizer = tokenizer;
  }

  /**
   * Opens a model and allocates its pages.
   *
   * @throws InvalidModelException if a file cannot be used, or does not fit the memory limit
   * @throws ExecuTorchException if there is no memory, or the process's pool has another size
   */
  static EngineResources open(ModelSpec spec, EngineOptions options) {
    long start = System.nanoTime();
    Threading threading = spec.applyThreading(Threading.POOL);
    return spec.blamed(
        () -> {
          SharedPrograms.Lease lease = SharedPrograms.acquire(spec);
          Tokenizer tokenizer;
          try {
            tokenizer = Tokenizers.load(spec.tokenizer());
          } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
          }
          EngineResources resources = new EngineResources(lease, tokenizer);
          try {
            resources.load(spec, threading, options, start);
            return resources;
          } catch (RuntimeException | Error e) {
            resources.close();
            throw e;
          }
        });
  }

  private void load(ModelSpec spec, Threading threading, EngineOptions options, long start) {
    PackedWeights packed = PackedWeights.of(spec, options, lease.digest());
    model = new BatchedModel(lease.program(), threading, packed.options(), spec.xnnpack());
    packed.loaded();
    BatchedSignature signature = model.signature();
    maxSequences = Math.min(options.maxSequences(), signature.maxRows());
    maxStepTokens =
        options.maxStepTokens() == 0
            ? signature.maxTokens()
            : Math.min(options.maxStepTokens(), signature.maxTokens());
    maxSequences = Math.min(maxSequences, maxStepTokens);
    KvPages.Shape shape =
        new KvPages.Shape(
            model.batched().layers(),
            model.batched().kvHeads(),
            model.batched().headSize(),
            options.pageTokens(),
            options.kvType());
    int pages = planPages(spec, options, shape);
    model.allocate(shape, pages, maxStepTokens, maxSequences);
    model.warmUp(maxStepTokens);
    pool = new PagePool(pages, options.pageTokens(), options.prefixCache());
    long kvTokens = (long) pages * options.pageTokens();
    profile =
        ModelProfile.of(model.metadata(), signature.logitsWidth(), kvTokens, tokenizer, start);
    if (profile.contextLength() < model.metadata().maxContextLen()) {
      LOG.warn(
          "Model {}: keys and values have room for {} tokens, the model's context is {}. Longer"
              + " sequences are refused or end early",
          spec.model().getFileName(),
          kvTokens,
          model.metadata().maxContextLen());
    }
    LOG.info(
        "Model {} ({}): {}; {} sequences, {} tokens a step",
        spec.model().getFileName(),
        lease.digest().substring(0, 12),
        plan,
        maxSequences,
        maxStepTokens);
  }

  /** How many pages there are to be, within the limits. */
  private int planPages(ModelSpec spec, EngineOptions options, KvPages.Shape shape) {
    long bytes = lease.program().bytes();
    long weights = model.packsWeights() ? 2 * bytes : bytes;
    long context = model.metadata().maxContextLen();
    boolean images = model.signature().multimodal();
    long embedding = images ? (long) model.signature().hidden() * Float.BYTES : 0;
    long cache = images ? options.imageCacheBytes() + context * embedding : 0;
    long workspace = model.plannedBytes() + cache;
    long left =
        options.memoryLimit() == 0 ? Long.MAX_VALUE : options.memoryLimit() - weights - workspace;
    // Sequences keep the embeddings of their images; each of these is a position, so it has a page.
    long pageEmbeddings = options.pageTokens() * embedding;
    long most = left / (shape.pageBytes() + pageEmbeddings); // pages
    long contextPages = (context + options.pageTokens() - 1) / options.pageTokens();
    long wanted = Math.min(maxSequences * contextPages * shape.pageBytes(), MOST_DEFAULT_KV_BYTES);
    long kvBytes = options.kvCacheBytes() == 0 ? wanted : options.kvCacheBytes();
    long asked = Math.min(kvBytes / shape.pageBytes(), Integer.MAX_VALUE);
    long pages = options.kvCacheBytes() == 0 ? Math.min(asked, most) : asked;
    plan =
        new MemoryPlan(
            weights,
            pages * shape.pageBytes(),
            pages * options.pageTokens(),
            workspace + pages * pageEmbeddings);
    if (pages < 1 || pages > most) {
      throw new InvalidModelException(
          "Model %s does not fit: %s, and a page of %d tokens takes %,d bytes, but the limit of"
                  .formatted(spec.model(), plan, options.pageTokens(), shape.pageBytes())
              + " memory is %,d bytes and that of KV pages %,d (0 for none). Raise the limits, or"
                  .formatted(options.memoryLimit(), options.kvCacheBytes())
              + " export with a smaller step");
    }
    return (int) pages;
  }

  BatchedModel model() {
    return model;
  }

  ModelProfile profile() {
    return profile;
  }

  PagePool pool() {
    return pool;
  }

  MemoryPlan plan() {
    return plan;
  }

  int maxSequences() {
    return maxSequences;
  }

  int maxStepTokens() {
    return maxStepTokens;
  }

  String digest() {
    return lease.digest();
  }

  long modelBytes() {
    return lease.program().bytes();
  }

  @Override
  public void close() {
    if (model != null) {
      model.close();
    }
    tokenizer.close();
    lease.close();
  }
}
