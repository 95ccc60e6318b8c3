package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;

/** Stands between an engine and its model and remembers how many images each execution encoded. */
final class CountingEncoder implements UnaryOperator<StepModel> {
  private final ConcurrentLinkedQueue<Integer> batches = new ConcurrentLinkedQueue<>();
  private volatile boolean failing;

  /** The next execution of the encoder fails. */
  void failOnce() {
    failing = true;
  }

  /** Images of each execution so far. */
  List<Integer> batches() {
    return List.copyOf(batches);
  }

  int images() {
    return batches.stream().mapToInt(Integer::intValue).sum();
  }

  @Override
  public StepModel apply(StepModel model) {
    return new ForwardingModel(model) {
      @Override
      public List<ByteBuffer> encode(List<Image> images) {
        batches.add(images.size());
        if (failing) {
          failing = false;
          throw new ExecuTorchException(ErrorCode.INTERNAL, FaultyModel.FAILURE);
        }
        return super.encode(images);
      }
    };
  }
}
