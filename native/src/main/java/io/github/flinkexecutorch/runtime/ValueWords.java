package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes the words of one {@code EtValue} (et_bridge.h). */
final class ValueWords {
  /** Words of one value. */
  static final int COUNT = 20;

  static final int MAX_RANK = 16;

  private static final int KIND = 0;
  private static final int TYPE = 1;
  private static final int LENGTH = 2;
  private static final int WORD = 3;
  private static final int SIZES = 4;

  private ValueWords() {}

  /** Describes an input; a tensor's memory is referred to, not copied. */
  static void write(EValue value, LongBuffer words, int at) {
    words.put(at + KIND, value.kind().code());
    switch (value.kind()) {
      case NONE -> {}
      case TENSOR -> {
        Tensor tensor = value.toTensor();
        long[] sizes = tensor.sizes();
        words.put(at + TYPE, tensor.type().code());
        words.put(at + LENGTH, sizes.length);
        words.put(at + WORD, tensor.address());
        for (int i = 0; i < sizes.length; i++) {
          words.put(at + SIZES + i, sizes[i]);
        }
      }
      case LONG -> words.put(at + WORD, value.toLong());
      case DOUBLE -> words.put(at + WORD, Double.doubleToRawLongBits(value.toDouble()));
      case BOOL -> words.put(at + WORD, value.toBoolean() ? 1 : 0);
      default -> throw new IllegalArgumentException("No method takes a " + value.kind());
    }
  }

  /** The output described at {@code at}; tensors are views, everything else is copied. */
  static EValue read(LongBuffer words, int at) {
    int length = (int) words.get(at + LENGTH);
    long word = words.get(at + WORD);
    return switch (EValue.Kind.of(words.get(at + KIND))) {
      case NONE -> EValue.none();
      case TENSOR -> EValue.of(tensor(words, at));
      case LONG -> EValue.of(word);
      case DOUBLE -> EValue.of(Double.longBitsToDouble(word));
      case BOOL -> EValue.of(word != 0);
      case STRING -> EValue.of(Native.string(Native.view(word, length)));
      case LONG_LIST -> {
        long[] list = new long[length];
        Native.view(word, (long) length * Long.BYTES).asLongBuffer().get(list);
        yield EValue.of(list);
      }
      case DOUBLE_LIST -> {
        double[] list = new double[length];
        Native.view(word, (long) length * Double.BYTES).asDoubleBuffer().get(list);
        yield EValue.of(list);
      }
      case BOOL_LIST -> {
        ByteBuffer bytes = Native.view(word, length);
        boolean[] list = new boolean[length];
        for (int i = 0; i < length; i++) {
          list[i] = bytes.get(i) != 0;
        }
        yield EValue.of(list);
      }
      case TENSOR_LIST -> {
        LongBuffer items = Native.view(word, (long) length * COUNT * Long.BYTES).asLongBuffer();
        List<Tensor> list = new ArrayList<>();
        for (int i = 0; i < length; i++) {
          list.add(tensor(items, i * COUNT));
        }
        yield EValue.of(list);
      }
    };
  }

  /** Whether two descriptions, of {@link #COUNT} words each, show the same memory as tensors. */
  static boolean isSameTensor(LongBuffer words, int at, long[] other) {
    if (other[KIND] != EValue.Kind.TENSOR.code()) {
      return false;
    }
    int used = SIZES + (int) other[LENGTH];
    for (int i = 0; i < used; i++) {
      if (words.get(at + i) != other[i]) {
        return false;
      }
    }
    return true;
  }

  private static Tensor tensor(LongBuffer words, int at) {
    ScalarType type = ScalarType.find((int) words.get(at + TYPE));
    if (type == null) {
      throw new ExecuTorchException(
          ErrorCode.NOT_SUPPORTED,
          "An output has element type "
              + words.get(at + TYPE)
              + ", which Java cannot read. Convert it before the export");
    }
    long[] shape = new long[(int) words.get(at + LENGTH)];
    long bytes = type.bytes();
    for (int i = 0; i < shape.length; i++) {
      shape[i] = words.get(at + SIZES + i);
      bytes *= shape[i];
    }
    return Tensor.wrap(type, Native.view(words.get(at + WORD), bytes), shape);
  }
}
