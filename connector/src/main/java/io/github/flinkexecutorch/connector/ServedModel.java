package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model of a subtask that is open and warm, and what stands between its engine and the requests:
 * first the cache, then the rate limit, then retries. Safe for use by several threads.
 */
final class ServedModel implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);

  private final EngineOpening opening;
  private final InferenceEngine engine;
  private final ModelVersion version;
  private final Retries retries;
  private final RateLimit rate; // null: none
  private final ResponseCache cache;
  private final AtomicInteger outstanding = new AtomicInteger(1); // one more until it is retired
  private volatile boolean closed;
  private Duration loadTime;
  private Duration warmUpTime;

  private ServedModel(
      EngineOpening opening,
      InferenceEngine engine,
      ServingSettings settings,
      String version,
      String name) {
    this.opening = opening;
    this.engine = engine;
    this.version = new ModelVersion(version, engine.modelDigest());
    retries = new Retries(engine::submit, engine::isClosed, settings.maxTries());
    double perSecond = settings.recordsPerSecond();
    rate =
        perSecond == 0
            ? null
            : new RateLimit(perSecond, Timer.ofSystem("llm-rate-" + name), retries);
    cache = new ResponseCache(settings.cacheBytes(), this.version, rate == null ? retries : rate);
  }

  /**
   * Opens a model, waits for it and warms it up. An interrupt ends the waiting; the loading is then
   * abandoned.
   *
   * @param version which version to open, {@code null} if there is but one
   * @param name for threads and logs
   * @throws ExecutionException with the reason why it cannot be served
   */
  static ServedModel open(
      EngineFactory factory,
      ServingSettings settings,
      NativeMemory memory,
      String version,
      String name)
      throws InterruptedException, ExecutionException {
    long start = System.nanoTime();
    EngineOpening opening = new EngineOpening(factory, name, version);
    try {
      InferenceEngine engine = opening.await();
      checkMemory(engine, settings.memoryCheck(), memory);
      long opened = System.nanoTime();
      WarmUp.run(engine, settings.warmUpTokens());
      ServedModel model = new ServedModel(opening, engine, settings, version, name);
      model.loadTime = Duration.ofNanos(opened - start);
      model.warmUpTime = Duration.ofNanos(System.nanoTime() - opened);
      return model;
    } catch (InterruptedException | ExecutionException | RuntimeException e) {
      opening.close();
      throw e;
    }
  }

  /** The answer to a request. Cancelling the future stops whatever is being done for it. */
  CompletableFuture<Answer> answer(GenerationRequest request) {
    outstanding.incrementAndGet();
    CompletableFuture<Answer> answer = cache.answer(request);
    var unused = answer.whenComplete((result, failure) -> done());
    return answer;
  }

  InferenceEngine engine() {
    return engine;
  }

  ModelVersion version() {
    return version;
  }

  ResponseCache cache() {
    return cache;
  }

  Retries retries() {
    return retries;
  }

  /** Requests that wait because of the rate limit. */
  int waitingForRate() {
    return rate == null ? 0 : rate.waiting();
  }

  Duration loadTime() {
    return loadTime;
  }

  Duration warmUpTime() {
    return warmUpTime;
  }

  /** No more requests will come: closes it, by a thread of its own, when the last one is done. */
  void retire() {
    done();
  }

  boolean isClosed() {
    return closed;
  }

  /** Cancels what is outstanding. */
  @Override
  public void close() {
    closed = true;
    if (rate != null) {
      rate.close();
    }
    opening.close();
  }

  private void done() {
    if (outstanding.decrementAndGet() == 0) {
      Thread closing = new Thread(this::close, "llm-retire-" + version.digest());
      closing.setDaemon(true);
      closing.start();
    }
  }

  private static void checkMemory(InferenceEngine engine, MemoryCheck check, NativeMemory memory) {
    if (check == MemoryCheck.NONE) {
      return;
    }
    Optional<String> shortage =
        memory.shortage(engine.nativeBytes(), engine.nativeBytes() > engine.modelBytes());
    if (shortage.isPresent() && check == MemoryCheck.FAIL) {
      throw new InvalidModelException(
          shortage.get() + " " + ExecuTorchOptions.MEMORY_CHECK.key() + " is FAIL.");
    }
    shortage.ifPresent(LOG::warn);
  }
}
