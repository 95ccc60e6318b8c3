package io.github.flinkexecutorch.connector;

import java.io.Serializable;

/** Opens the engine of one subtask. */
@FunctionalInterface
interface EngineFactory extends Serializable {

  /**
   * Loads the model. Called on a thread of its own; may take long.
   *
   * @param name for threads and logs
   */
  LoadedEngine open(String name) throws Exception;
}
