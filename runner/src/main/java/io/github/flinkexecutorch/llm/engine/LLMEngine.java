package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs batched programs: the tokens of many prompts and completions in one step, over KV pages that
 * belong to the engine and that prompts with the same beginning share (continuous batching).
 *
 * <p>A completion depends on its prompt, its options and the model alone, to the bit: not on what
 * else is in a step, on how prompts are cut, on the prefix cache or on a lack of pages.
 *
 * <p>Two threads of its own, {@code llm-engine-<name>} and {@code llm-prompts-<name>}; the
 * runtime's pool beside them. Futures complete and listeners are called on the first, so what
 * depends on them must be short.
 */
public final class LLMEngine implements InferenceEngine {
  private static final Logger LOG = LoggerFactory.getLogger(LLMEngine.class);
  private static final long CLOSE_LIMIT_MS = 2000;

  private final String name;
  private final ModelSpec spec;
  private final EngineOptions options;
  private final UnaryOperator<StepModel> models;
  private final Thread thread;
  private final ExecutorService prompts;
  private final AtomicLong arrivals = new AtomicLong();
  private final OutstandingRequests outstanding;
  private final CompletableFuture<LLMEngine> opened = new CompletableFuture<>();

  // Set before "opened" completes.
  private volatile EngineLoop loop;
  private PromptReader reader;
  private MemoryPlan plan;
  private String digest;
  private long modelBytes;

  /**
   * @param models what steps are executed by, given the real model
   */
  LLMEngine(ModelSpec spec, EngineOptions options, String name, UnaryOperator<StepModel> models) {
    this.name = name;
    this.spec = spec;
    this.options = options;
    this.models = models;
    this.outstanding = new OutstandingRequests(name);
    this.prompts = Executors.newSingleThreadExecutor(task -> daemon(task, "llm-prompts-" + name));
    this.thread = daemon(this::run, "llm-engine-" + name);
    var unused =
        opened.whenComplete(
            (engine, failure) -> {
              if (failure != null) {
                stop();
              }
            });
    thread.start();
  }

  /**
   * Opens an engine and waits until it is ready. An interrupt ends the waiting; the loading is then
   * abandoned.
   *
   * @param name tells the threads of several engines apart
   * @throws io.github.flinkexecutorch.llm.InvalidModelException if the model's files cannot be
   *     used, or its memory exceeds the options' limit
   * @throws CancellationException if interrupted
   */
  public static LLMEngine open(ModelSpec spec, EngineOptions options, String name) {
    LLMEngine engine = new LLMEngine(spec, options, name, model -> model);
    return Opening.await(engine.opened, spec.model().toString(), engine::close);
  }

  /**
   * Opens an engine without waiting. Cancelling the future before it is complete abandons the
   * loading.
   */
  public static CompletableFuture<LLMEngine> openAsync(
      ModelSpec spec, EngineOptions options, String name) {
    return new LLMEngine(spec, options, name, model -> model).opened();
  }

  /** Completes when the engine is ready. */
  CompletableFuture<LLMEngine> opened() {
    return opened;
  }

  @Override
  public CompletableFuture<GenerationResult> submit(GenerationRequest request) {
    return submit(request, this);
  }

  /**
   * Queues a request.
   *
   * @param client whose request it is; clients take turns
   */
  CompletableFuture<GenerationResult> submit(GenerationRequest request, Object client) {
    QueuedRequest queued = QueuedRequest.of(request, client, arrivals.getAndIncrement());
    CompletableFuture<GenerationResult> future = outstanding.add(queued.future());
    try {
      prompts.execute(() -> read(queued));
    } catch (RejectedExecutionException e) {
      outstanding.close(); // it is closed, or about to be
    }
    return future;
  }

  @Override
  public int inFlight() {
    return outstanding.size();
  }

  @Override
  public String modelDigest() {
    return digest;
  }

  @Override
  public long modelBytes() {
    return modelBytes;
  }

  String name() {
    return name;
  }

  @Override
  public boolean isClosed() {
    return outstanding.isClosed();
  }

  /** What the engine takes of memory. */
  public MemoryPlan memoryPlan() {
    return plan;
  }

  @Override
  public long nativeBytes() {
    return plan.total();
  }

  /** As of the latest step; what waits, as of now. */
  @Override
  public EngineStats stats() {
    return loop.stats().withOutstanding(outstanding.size());
  }

  /** Completes when everything submitted so far is complete, in whatever way. */
  public CompletableFuture<Void> drain() {
    return outstanding.drain();
  }

  /**
   * As {@link InferenceEngine#close}. Waits for 2 seconds; if a step takes longer, the engine's
   * thread frees the memory by itself when it ends.
   */
  @Override
  public void close() {
    stop();
    try {
      if (thread != Thread.currentThread()) {
        thread.join(CLOSE_LIMIT_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive() && thread != Thread.currentThread()) {
      LOG.warn(
          "{} is still inside the runtime after its stop; its memory is freed when it ends",
          thread.getName());
    }
  }

  private void run() {
    try (EngineResources resources = EngineResources.open(spec, options)) {
      serve(resources);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody here interrupts; take it as the end
    } catch (RuntimeException | Error e) {
      if (!opened.completeExceptionally(e)) {
        LOG.error("Engine {} cannot go on", name, e);
      }
    } finally {
      stop();
    }
  }

  private void serve(EngineResources resources) throws InterruptedException {
    StepModel executing = models.apply(resources.model());
    StepModel model =
        options.profile().step() == 0
            ? executing
            : new ProfilingModel(executing, resources.model(), options.profile(), name);
    StepScheduler scheduler =
        new StepScheduler(resources.pool(), resources.maxSequences(), resources.maxStepTokens());
    int width = resources.model().signature().logitsWidth();
    int images = resources.model().signature().maxImages();
    ImageEmbeddings embeddings = new ImageEmbeddings(model, images, options.imageCacheBytes());
    loop =
        new EngineLoop(
            spec.model().toString(), model, scheduler, resources.pool(), embeddings, images, width);
    reader =
        new PromptReader(
            resources.profile(), resources.model().signature(), imageShape(resources.model()));
    plan = resources.plan();
    digest = resources.digest();
    modelBytes = resources.modelBytes();
    if (outstanding.isClosed()) {
      loop.stop();
    }
    opened.complete(this);
    try {
      loop.run();
    } catch (RuntimeException | Error e) {
      outstanding.close(e); // whoever hears of it finds the engine closed
      throw e;
    } finally {
      stop();
      loop.end();
      // The tokenizer must not be closed under a prompt that is being read.
      prompts.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }
  }

  private void read(QueuedRequest queued) {
    if (queued.future().isDone()) {
      return;
    }
    try {
      loop.add(reader.read(queued));
    } catch (Throwable e) { // whatever it is, its request must hear of it
      queued.future().completeExceptionally(e);
    }
  }

  private void stop() {
    outstanding.close();
    opened.completeExceptionally(new CancellationException("Engine " + name + " was closed"));
    prompts.shutdown();
    EngineLoop current = loop;
    if (current != null) {
      current.stop();
    }
  }

  private static long[] imageShape(BatchedModel model) {
    return model.signature().maxImages() == 0
        ? new long[0]
        : model.pixels().stream().skip(1).mapToLong(Long::longValue).toArray();
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
