package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Turns prompts into completions on its own threads. All methods may be called from any thread.
 *
 * <p>The future of a request completes exactly once: with its result, or exceptionally with {@link
 * io.github.flinkexecutorch.llm.InvalidRequestException} (this prompt cannot work), {@link
 * GenerationTimeoutException} (its time limit passed), {@link
 * java.util.concurrent.CancellationException} (cancelled, or the engine was closed), or {@link
 * io.github.flinkexecutorch.runtime.ExecuTorchException} (the runtime failed). A failed request
 * never affects another one, and a completion never depends on the other requests.
 */
public interface InferenceEngine extends AutoCloseable {
  /** Queues a request. Cancelling the returned future stops the generation at its next token. */
  CompletableFuture<GenerationResult> submit(GenerationRequest request);

  /**
   * Queues {@code n} completions of one prompt. The first has the request's seed, each other the
   * next one; they are the completions that {@code n} requests with these seeds have.
   */
  default List<CompletableFuture<GenerationResult>> submit(GenerationRequest request, int n) {
    List<CompletableFuture<GenerationResult>> futures = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      GenerationConfig config = request.config();
      futures.add(submit(request.withConfig(config.toBuilder().seed(config.seed() + i).build())));
    }
    return futures;
  }

  /** Requests that are queued or running. */
  int inFlight();

  /** Whether it takes no more requests: it was closed, or it could not go on. */
  default boolean isClosed() {
    return false;
  }

  /** What the engine has done so far and does now; zeros where it does not count. */
  default EngineStats stats() {
    return EngineStats.NONE;
  }

  /** How many users of this process share the engine that works for this one, itself included. */
  default int sharedBy() {
    return 1;
  }

  /** SHA-256 of the model's files, in hexadecimal. */
  String modelDigest();

  /** Size of the model's files in bytes. */
  long modelBytes();

  /**
   * What the engine takes of native memory in bytes, where it plans that; else the model's files.
   */
  default long nativeBytes() {
    return modelBytes();
  }

  /**
   * Stops what is running at the next token, completes everything outstanding with {@link
   * java.util.concurrent.CancellationException}, waits a bounded time for the threads and frees the
   * models. Memory that a thread still uses after that time is left allocated and reported in the
   * log, never freed.
   */
  @Override
  void close();
}
