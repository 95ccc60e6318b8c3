package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.concurrent.CompletableFuture;

/**
 * A request as it was submitted.
 *
 * @param client who submitted it; clients take turns
 * @param arrival its place in the order of all requests
 * @param queuedMs when it was submitted
 */
record QueuedRequest(
    GenerationRequest request,
    Object client,
    long arrival,
    long queuedMs,
    CompletableFuture<GenerationResult> future) {

  static QueuedRequest of(GenerationRequest request, Object client, long arrival) {
    return new QueuedRequest(
        request, client, arrival, System.currentTimeMillis(), new CompletableFuture<>());
  }
}
