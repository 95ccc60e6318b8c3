package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.concurrent.CompletableFuture;

/**
 * A request as it was submitted.
 *
 * @param client who submitted it; clients take turns
 * @param arrival its place in the order of all requests
 * @param queuedNanos when it was submitted, by {@link System#nanoTime}
 */
record QueuedRequest(
    GenerationRequest request,
    Object client,
    long arrival,
    long queuedNanos,
    CompletableFuture<GenerationResult> future) {

  static QueuedRequest of(GenerationRequest request, Object client, long arrival) {
    return new QueuedRequest(
        request, client, arrival, System.nanoTime(), new CompletableFuture<>());
  }
}
