package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.FinishReason;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.GpuMemory;
import io.github.flinkexecutorch.llm.Stats;
import io.github.flinkexecutorch.llm.engine.EngineStats;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An engine without a model. Answers at once, or a little later, or holds every request until the
 * test answers it by its id.
 */
final class FakeEngine implements InferenceEngine {
  static final String DIGEST = "d1g357";
  static final long MODEL_BYTES = 4096;
  static final int SHARED_BY = 2;
  static final EngineStats STATS =
      new EngineStats(8, 100, 20, 40, 10, 3, 1, 5, 7, 64, 32, 16, 3_000_000, 0, System.nanoTime());

  private final String digest;
  private final Executor answering;
  private final Map<String, Asked> asked = new ConcurrentHashMap<>();
  private final AtomicInteger submitted = new AtomicInteger();
  private volatile boolean closed;

  /** In one map, so that whoever sees a request can answer it. */
  private record Asked(GenerationRequest request, CompletableFuture<GenerationResult> answer) {}

  private FakeEngine(String digest, Executor answering) {
    this.digest = digest;
    this.answering = answering;
  }

  static FakeEngine answering() {
    return new FakeEngine(DIGEST, Runnable::run);
  }

  /** Answers each request on another thread once this time has passed. */
  static FakeEngine taking(Duration time) {
    return new FakeEngine(
        DIGEST, CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS));
  }

  static FakeEngine holding() {
    return holding(DIGEST);
  }

  /** The same with another model's digest. */
  static FakeEngine holding(String digest) {
    return new FakeEngine(digest, answer -> {});
  }

  /** What this engine generates for a prompt. */
  static String answerTo(String prompt) {
    return "re: " + prompt;
  }

  @Override
  public CompletableFuture<GenerationResult> submit(GenerationRequest request) {
    CompletableFuture<GenerationResult> answer = new CompletableFuture<>();
    asked.put(request.id(), new Asked(request, answer));
    submitted.incrementAndGet();
    if (closed) {
      answer.completeExceptionally(new CancellationException("closed"));
    } else {
      answering.execute(() -> answer(request.id()));
    }
    return answer;
  }

  void answer(String id) {
    held(id).complete(resultFor(request(id).inputs().get(0).getText()));
  }

  /** Answers a prompt that is no text. */
  void answerTokens(String id) {
    held(id).complete(resultFor("tokens"));
  }

  void fail(String id, Throwable failure) {
    held(id).completeExceptionally(failure);
  }

  /** How many requests came. */
  int submitted() {
    return submitted.get();
  }

  /** The future that the request with this id has now. */
  CompletableFuture<GenerationResult> held(String id) {
    return asked.get(id).answer();
  }

  /** Ends as an engine that cannot go on: what is outstanding is left to the test. */
  void endAlone() {
    closed = true;
  }

  GenerationRequest request(String id) {
    Asked known = asked.get(id);
    return known == null ? null : known.request();
  }

  boolean isCancelled(String id) {
    return held(id).isCancelled();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public EngineStats stats() {
    return STATS;
  }

  @Override
  public int sharedBy() {
    return SHARED_BY;
  }

  @Override
  public String modelDigest() {
    return digest;
  }

  @Override
  public long modelBytes() {
    return MODEL_BYTES;
  }

  @Override
  public int inFlight() {
    return (int) asked.values().stream().filter(known -> !known.answer().isDone()).count();
  }

  @Override
  public void close() {
    closed = true;
    asked
        .values()
        .forEach(
            known -> known.answer().completeExceptionally(new CancellationException("closed")));
  }

  private static GenerationResult resultFor(String prompt) {
    Stats stats =
        new Stats(
            1, 2, 1000, 1010, 1011, 0, 0, 1050, 1060, 1210, 1, 2, 7, 20, 3, 0, GpuMemory.ABSENT);
    return new GenerationResult(
        answerTo(prompt), List.of(1, 2, 3), List.of(), FinishReason.STOP, false, stats);
  }
}
