package io.github.flinkexecutorch.llm.image;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;

/**
 * Pixels as a vision encoder takes them: planes of channels, each plane row by row ({@code C, H,
 * W}), as unsigned bytes or as floats. Immutable.
 *
 * <p>Its values are here, or are made each time they are asked for and not kept: then an image that
 * waits for an encoder takes the memory of what they are made of, which are bytes.
 *
 * <p>Runners neither resize nor normalize: an image must have the encoder's size and range already.
 */
public final class Image {
  private final int width;
  private final int height;
  private final int channels;
  private final Supplier<byte[]> bytes; // one of the two is null
  private final Supplier<float[]> floats;

  private Image(
      int width,
      int height,
      int channels,
      int length,
      Supplier<byte[]> bytes,
      Supplier<float[]> floats) {
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.bytes = bytes;
    this.floats = floats;
    if (width < 1
        || height < 1
        || channels < 1
        || (long) width * height * channels > Integer.MAX_VALUE
        || length != width * height * channels) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "An image of %d channels, %d x %d pixels, needs width * height * channels values; got %d"
              .formatted(channels, width, height, length));
    }
  }

  /**
   * An image of unsigned bytes.
   *
   * @param data {@code channels * height * width} values, plane after plane; kept, not copied
   * @throws InvalidRequestException if the length does not fit
   */
  public static Image ofBytes(byte[] data, int width, int height, int channels) {
    return new Image(width, height, channels, data.length, () -> data, null);
  }

  /**
   * An image of floats, in whatever range the encoder takes.
   *
   * @param data {@code channels * height * width} values, plane after plane; kept, not copied
   * @throws InvalidRequestException if the length does not fit
   */
  public static Image ofFloats(float[] data, int width, int height, int channels) {
    return new Image(width, height, channels, data.length, null, () -> data);
  }

  /**
   * An image whose values are made each time they are asked for.
   *
   * @param source makes an image of this size and type; from any thread
   */
  static Image later(int width, int height, int channels, boolean floats, Supplier<Image> source) {
    int length = width * height * channels;
    return floats
        ? new Image(width, height, channels, length, null, () -> source.get().floatData())
        : new Image(width, height, channels, length, () -> source.get().uint8Data(), null);
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  public int channels() {
    return channels;
  }

  /** Whether the values are unsigned bytes. */
  public boolean isUint8() {
    return bytes != null;
  }

  /** Whether the values are floats. */
  public boolean isFloat() {
    return floats != null;
  }

  /**
   * The values of an image of unsigned bytes, not to be changed.
   *
   * @throws IllegalStateException if it is an image of floats
   */
  public byte[] uint8Data() {
    if (bytes == null) {
      throw new IllegalStateException("The image holds floats, not unsigned bytes");
    }
    return bytes.get();
  }

  /**
   * The values of an image of floats, not to be changed.
   *
   * @throws IllegalStateException if it is an image of unsigned bytes
   */
  public float[] floatData() {
    if (floats == null) {
      throw new IllegalStateException("The image holds unsigned bytes, not floats");
    }
    return floats.get();
  }

  /** A tensor {@code [C, H, W]}, or {@code [1, C, H, W]} with the batch dimension. */
  public Tensor toTensor(boolean withBatch) {
    long[] shape =
        withBatch ? new long[] {1, channels, height, width} : new long[] {channels, height, width};
    if (isFloat()) {
      return Tensor.of(floatData(), shape);
    }
    byte[] values = uint8Data();
    ByteBuffer data = ByteBuffer.allocateDirect(values.length).order(ByteOrder.nativeOrder());
    return Tensor.wrap(ScalarType.BYTE, data.put(values).flip(), shape);
  }

  /** Size and type, never the content. */
  @Override
  public String toString() {
    return (isFloat() ? "float" : "uint8")
        + " image ["
        + channels
        + ", "
        + height
        + ", "
        + width
        + "]";
  }
}
