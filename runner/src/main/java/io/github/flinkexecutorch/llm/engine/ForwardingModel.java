package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.image.Image;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Hands everything on to another model. What stands between engine and model changes a part of it.
 */
class ForwardingModel implements StepModel {
  private final StepModel model;

  ForwardingModel(StepModel model) {
    this.model = model;
  }

  @Override
  public void execute(Step step) {
    model.execute(step);
  }

  @Override
  public void logits(int row, float[] logits) {
    model.logits(row, logits);
  }

  @Override
  public List<ByteBuffer> encode(List<Image> images) {
    return model.encode(images);
  }

  @Override
  public void recover() {
    model.recover();
  }

  @Override
  public void close() {
    model.close();
  }
}
