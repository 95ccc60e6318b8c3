package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.nio.ByteBuffer;
import java.util.List;

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

  /**
   * Encodes images, each on its own, whatever the others are.
   *
   * @param images as the vision encoder takes them, at most as many as it takes at once
   * @return for each image its rows, {@code f32[P, hidden]}, in memory of their own
   * @throws ExecuTorchException if the runtime refuses
   */
  List<ByteBuffer> encode(List<Image> images);

  /** Gets ready for the next step after one that failed. */
  void recover();

  @Override
  void close();
}
