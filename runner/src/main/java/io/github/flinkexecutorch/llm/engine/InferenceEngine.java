package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.concurrent.CompletableFuture;

/**
 * Turns prompts into completions on its own threads. All methods may be called from any thread.
 *
 * <p>The future of a request completes exactly once: with its result, or exceptionally with {@link
 * io.github.flinkexecutorch.llm.InvalidRequestException} (this prompt cannot work), {@link
 * GenerationTimeoutException} (its time limit passed), {@link
 * java.util.concurrent.CancellationException} (cancelled, or the engine was closed), or {@link
 * io.github.flinkexecutorch.runtime.ExecuTorchException} (the runtime failed). A failed request
 * never affects another one.
 */
public interface InferenceEngine extends AutoCloseable {
  /** Queues a request. Cancelling the returned future stops the generation at its next token. */
  CompletableFuture<GenerationResult> submit(GenerationRequest request);

  /** Requests that are queued or running. */
  int inFlight();

  /**
   * Stops what is running at the next token, completes everything outstanding with {@link
   * java.util.concurrent.CancellationException}, waits a bounded time for the threads and frees the
   * models. Memory that a thread still uses after that time is left allocated and reported in the
   * log, never freed.
   */
  @Override
  void close();
}
