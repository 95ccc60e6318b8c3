package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.ExecuTorchException;

/** Executes steps. Confined to the engine's thread. */
interface StepModel extends AutoCloseable {
  /**
   * Computes a step.
   *
   * @throws ExecuTorchException if the runtime refuses; the keys and values of the step's positions
   *     are then unknown
   */
  void execute(Step step);

  /**
   * Copies a row of the latest step's logits.
   *
   * @param logits as wide as a row
   */
  void logits(int row, float[] logits);

  /** Gets ready for the next step after one that failed. */
  void recover();

  @Override
  void close();
}
