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

  /**
   * As {@link #open(String)}, for one version of a model that has several.
   *
   * @param version as {@link #version} says, {@code null} for a model that has but one
   */
  default CompletableFuture<InferenceEngine> open(String name, String version) {
    return open(name);
  }

  /**
   * The version that is to be served now, {@code null} for a model that has but one.
   *
   * @throws io.github.flinkexecutorch.llm.InvalidModelException if it cannot be told
   */
  default String version() {
    return null;
  }

  /** Whether the version to be served may be another one the next time that it is asked for. */
  default boolean isVersioned() {
    return false;
  }
}
