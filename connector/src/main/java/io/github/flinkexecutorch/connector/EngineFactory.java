package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.io.Serializable;
import java.util.concurrent.CompletableFuture;

/** Opens the engine of one subtask. */
@FunctionalInterface
interface EngineFactory extends Serializable {

  /**
   * Starts to load the model on the engine's own threads and returns at once.
   *
   * @param name for threads and logs
   */
  CompletableFuture<InferenceEngine> open(String name);
}
