package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MethodMeta;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * One encoder method of a program: a tensor of pixels, features or token ids goes in, hidden states
 * {@code [1, n, hidden]} come out. Confined to the runner's thread; does not own the module.
 */
final class MediaEncoder {
  private final ExecuTorchModule module;
  private final MethodMeta meta;
  private final TensorMeta wanted;

  private MediaEncoder(ExecuTorchModule module, MethodMeta meta) {
    this.module = module;
    this.meta = meta;
    this.wanted = meta.inputs().get(0);
  }

  /**
   * The encoder of this name, loaded; empty if the program has none.
   *
   * @throws InvalidModelException if the method is no encoder
   */
  static Optional<MediaEncoder> load(ExecuTorchModule module, String method) {
    if (!module.methodNames().contains(method)) {
      return Optional.empty();
    }
    module.loadMethod(method);
    MethodMeta meta = module.methodMeta(method);
    boolean valid =
        meta.inputs().size() == 1
            && meta.inputs().get(0).kind() == EValue.Kind.TENSOR
            && meta.outputs().size() == 1
            && meta.outputs().get(0).kind() == EValue.Kind.TENSOR;
    if (!valid) {
      throw new InvalidModelException(
          "Method %s is not an encoder of one tensor: it is %s -> %s"
              .formatted(method, meta.inputs(), meta.outputs()));
    }
    return Optional.of(new MediaEncoder(module, meta));
  }

  /** What the method takes. */
  TensorMeta input() {
    return wanted;
  }

  /**
   * The hidden states of {@code input}, in memory of their own.
   *
   * @param description what the input is, for errors
   * @throws InvalidRequestException if the encoder takes another size or type
   */
  Tensor encode(Tensor input, Object description) {
    Tensor converted = converted(input, description);
    requireFit(converted, description);
    return copyOfRows(module.execute(meta.name(), EValue.of(converted)).get(0).toTensor());
  }

  private Tensor converted(Tensor input, Object description) {
    if (input.type() == wanted.type()) {
      return input;
    }
    if (input.type() == ScalarType.FLOAT && wanted.type() == ScalarType.BFLOAT16) {
      return toBrainFloat(input);
    }
    throw unfit(description);
  }

  private void requireFit(Tensor input, Object description) {
    long[] shape = input.shape();
    if (shape.length != wanted.rank()) {
      throw unfit(description);
    }
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] > wanted.sizes().get(i)) {
        throw unfit(description);
      }
    }
  }

  private InvalidRequestException unfit(Object description) {
    return new InvalidRequestException(
        Reason.UNSUPPORTED_INPUT,
        "Method %s takes %s of at most %s, but the input is %s; prepare it with the model's"
                .formatted(meta.name(), wanted.type(), wanted.sizes(), description)
            + " preprocessor");
  }

  /** As {@code [1, n, hidden]}, however many leading dimensions the encoder gives. */
  private Tensor copyOfRows(Tensor states) {
    long[] shape = states.shape();
    long hidden = shape.length == 0 ? 0 : shape[shape.length - 1];
    if (shape.length < 2 || states.elements() == 0) {
      throw new ExecuTorchException(
          ErrorCode.INVALID_STATE,
          "Method %s gave %s, expected [1, n, hidden]".formatted(meta.name(), states));
    }
    ByteBuffer source = states.bytes();
    ByteBuffer copy = ByteBuffer.allocateDirect(source.remaining()).order(ByteOrder.nativeOrder());
    return Tensor.wrap(
        states.type(), copy.put(source).flip(), 1, states.elements() / hidden, hidden);
  }

  /** Rounds to the nearest, ties to even, as PyTorch does. */
  private static Tensor toBrainFloat(Tensor floats) {
    Tensor result = Tensor.zeros(ScalarType.BFLOAT16, floats.shape());
    ByteBuffer bytes = result.bytes();
    var source = floats.floats();
    for (int i = 0; i < floats.elements(); i++) {
      float value = source.get(i);
      int bits = Float.floatToIntBits(value);
      int rounded = Float.isNaN(value) ? 0x7fc0 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
      bytes.putShort(i * Short.BYTES, (short) rounded);
    }
    return result;
  }
}
