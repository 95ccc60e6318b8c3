package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.util.concurrent.CompletableFuture;

/** An engine, or something that stands before it. */
@FunctionalInterface
interface Generator {

  /** Queues a request. Cancelling the future stops whatever is being done for it. */
  CompletableFuture<GenerationResult> generate(GenerationRequest request);
}
