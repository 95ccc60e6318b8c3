package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * A dense, contiguous tensor over a direct buffer in native byte order.
 *
 * <p>A tensor made here owns its memory. A tensor returned by {@link ExecuTorchModule#execute} is a
 * view of memory that belongs to the method: it is valid until the next execution of that method or
 * the closing of that module.
 */
public final class Tensor {
  private final ScalarType type;
  private final long[] shape;
  private final ByteBuffer data;
  private long address; // 0 until asked for

  private Tensor(ScalarType type, long[] shape, ByteBuffer data) {
    this.type = type;
    this.shape = shape;
    this.data = data;
  }

  /** An owned tensor of zeros. */
  public static Tensor zeros(ScalarType type, long... shape) {
    long bytes = Math.multiplyExact(count(shape), type.bytes());
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "A tensor of shape "
              + Arrays.toString(shape)
              + " needs "
              + bytes
              + " bytes; at most 2 GiB - 1 fit");
    }
    return new Tensor(
        type, shape.clone(), ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder()));
  }

  /** An owned tensor of 64-bit integers, copied from {@code values}. */
  public static Tensor of(long[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = zeros(ScalarType.LONG, shape);
    tensor.longs().put(values);
    return tensor;
  }

  /** An owned tensor of floats, copied from {@code values}. */
  public static Tensor of(float[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = zeros(ScalarType.FLOAT, shape);
    tensor.floats().put(values);
    return tensor;
  }

  /**
   * A tensor over {@code data}, from its position to its limit, without a copy.
   *
   * @param data a direct buffer holding exactly the elements of {@code shape}; the caller keeps it
   *     unchanged while in use
   */
  public static Tensor wrap(ScalarType type, ByteBuffer data, long... shape) {
    if (!data.isDirect()) {
      throw new IllegalArgumentException("Tensor data must be in a direct buffer");
    }
    if (data.remaining() != Math.multiplyExact(count(shape), type.bytes())) {
      throw new IllegalArgumentException(
          "Shape "
              + Arrays.toString(shape)
              + " of "
              + type
              + " needs "
              + count(shape) * type.bytes()
              + " bytes, the buffer holds "
              + data.remaining());
    }
    return new Tensor(type, shape.clone(), data.slice().order(ByteOrder.nativeOrder()));
  }

  /** Element type. */
  public ScalarType type() {
    return type;
  }

  /** Sizes of the dimensions (a copy). */
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public int elements() {
    return data.capacity() / type.bytes();
  }

  /** The bytes, in native order; shares memory with the tensor. */
  public ByteBuffer bytes() {
    return data.duplicate().order(ByteOrder.nativeOrder());
  }

  /** The elements of a {@link ScalarType#FLOAT} tensor; shares memory with the tensor. */
  public FloatBuffer floats() {
    require(ScalarType.FLOAT);
    return bytes().asFloatBuffer();
  }

  /** The elements of a {@link ScalarType#LONG} tensor; shares memory with the tensor. */
  public LongBuffer longs() {
    require(ScalarType.LONG);
    return bytes().asLongBuffer();
  }

  /** Where the bytes start; good while this object is reachable. */
  long address() {
    if (address == 0) {
      address = NativeBridge.et_address(data);
    }
    return address;
  }

  /** The sizes themselves, not to be changed. */
  long[] sizes() {
    return shape;
  }

  /** Type and shape, never the content. */
  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }

  private void require(ScalarType wanted) {
    if (type != wanted) {
      throw new IllegalStateException("Tensor holds " + type + ", not " + wanted);
    }
  }

  private static void requireCount(int values, long[] shape) {
    if (values != count(shape)) {
      throw new IllegalArgumentException(
          "Shape " + Arrays.toString(shape) + " has " + count(shape) + " elements, got " + values);
    }
  }

  private static long count(long[] shape) {
    long count = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("Negative size in shape " + Arrays.toString(shape));
      }
      count = Math.multiplyExact(count, size);
    }
    return count;
  }
}
