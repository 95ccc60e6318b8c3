package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.audio.Audio;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ErrorCode;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import io.github.flinkexecutorch.runtime.TensorMeta;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Turns images and audio into embeddings, through the program's {@code vision_encoder} and {@code
 * audio_encoder}. Confined to the runner's thread; does not own the module.
 */
final class MultimodalPrefiller {
  static final String VISION_ENCODER = "vision_encoder";
  static final String AUDIO_ENCODER = "audio_encoder";

  private final ExecuTorchModule module;

  MultimodalPrefiller(ExecuTorchModule module) {
    this.module = module;
  }

  /**
   * The embeddings {@code [1, n, hidden]} of an image or of audio, in memory of their own.
   *
   * @throws InvalidRequestException if the program has no such encoder, or the encoder takes
   *     another size or type
   */
  Tensor encode(MultimodalInput input) {
    if (input.isImage()) {
      return encode(input.getImage());
    }
    if (input.isAudio()) {
      return encode(input.getAudio());
    }
    throw unsupported(
        "Input of the kind %s cannot be encoded; preprocess it to audio features first"
            .formatted(input.typeName()));
  }

  private Tensor encode(Image image) {
    TensorMeta wanted = encoderInput(VISION_ENCODER, "image");
    Tensor pixels = image.toTensor(wanted.rank() == 4);
    return run(VISION_ENCODER, wanted, converted(pixels, wanted, image));
  }

  private Tensor encode(Audio audio) {
    TensorMeta wanted = encoderInput(AUDIO_ENCODER, "audio");
    return run(AUDIO_ENCODER, wanted, converted(audio.toTensor(), wanted, audio));
  }

  private TensorMeta encoderInput(String method, String kind) {
    if (!module.methodNames().contains(method)) {
      throw unsupported(
          "The model takes no %s: its program has no method %s".formatted(kind, method));
    }
    List<TensorMeta> inputs = module.methodMeta(method).inputs();
    if (inputs.size() != 1 || inputs.get(0).kind() != EValue.Kind.TENSOR) {
      throw new InvalidModelException(
          "Method %s must take 1 tensor, but takes %s".formatted(method, inputs));
    }
    return inputs.get(0);
  }

  private static Tensor converted(Tensor given, TensorMeta wanted, Object input) {
    if (given.type() == wanted.type()) {
      return given;
    }
    if (given.type() == ScalarType.FLOAT && wanted.type() == ScalarType.BFLOAT16) {
      return toBrainFloat(given);
    }
    throw unsupported(
        "The encoder takes %s of at most %s, but got %s; prepare it with the model's preprocessor"
            .formatted(wanted.type(), wanted.sizes(), input));
  }

  private Tensor run(String method, TensorMeta wanted, Tensor input) {
    long[] shape = input.shape();
    boolean fits = shape.length == wanted.rank();
    for (int i = 0; fits && i < shape.length; i++) {
      fits = shape[i] <= wanted.sizes().get(i);
    }
    if (!fits) {
      throw unsupported(
          "Method %s takes %s of at most %s, but got %s; resize it, or prepare it with the model's preprocessor"
              .formatted(method, wanted.type(), wanted.sizes(), input));
    }
    return copyOfRows(method, module.execute(method, EValue.of(input)).get(0).toTensor());
  }

  /** As {@code [1, n, hidden]}, however many leading dimensions the encoder gives. */
  private static Tensor copyOfRows(String method, Tensor embeddings) {
    long[] shape = embeddings.shape();
    long hidden = shape[shape.length - 1];
    long rows = hidden == 0 ? 0 : embeddings.elements() / hidden;
    if (shape.length < 2 || rows == 0) {
      throw new ExecuTorchException(
          ErrorCode.INVALID_STATE,
          "Method %s gave %s, expected embeddings [1, n, hidden]".formatted(method, embeddings));
    }
    ByteBuffer source = embeddings.bytes();
    ByteBuffer copy = ByteBuffer.allocateDirect(source.remaining()).order(ByteOrder.nativeOrder());
    return Tensor.wrap(embeddings.type(), copy.put(source).flip(), 1, rows, hidden);
  }

  /** Rounds to the nearest, ties to even, as PyTorch does. */
  private static Tensor toBrainFloat(Tensor floats) {
    Tensor result = Tensor.zeros(ScalarType.BFLOAT16, floats.shape());
    ByteBuffer bytes = result.bytes();
    var source = floats.floats();
    for (int i = 0; i < floats.elements(); i++) {
      int bits = Float.floatToIntBits(source.get(i));
      boolean nan = Float.isNaN(source.get(i));
      int rounded = nan ? 0x7fc0 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
      bytes.putShort(i * Short.BYTES, (short) rounded);
    }
    return result;
  }

  private static InvalidRequestException unsupported(String message) {
    return new InvalidRequestException(Reason.UNSUPPORTED_INPUT, message);
  }
}
