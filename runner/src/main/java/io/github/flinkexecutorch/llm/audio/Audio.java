package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.runtime.ScalarType;
import io.github.flinkexecutorch.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Features of sound as an audio encoder takes them ({@code batch, bins, frames}), for example a
 * log-mel spectrogram, as unsigned bytes or as floats. Immutable.
 */
public final class Audio {
  private final int batch;
  private final int nBins;
  private final int nFrames;
  private final byte[] bytes; // one of the two is null
  private final float[] floats;

  private Audio(int batch, int nBins, int nFrames, byte[] bytes, float[] floats) {
    this.batch = batch;
    this.nBins = nBins;
    this.nFrames = nFrames;
    this.bytes = bytes;
    this.floats = floats;
    int length = bytes == null ? floats.length : bytes.length;
    if (batch < 1 || nBins < 1 || nFrames < 1 || (long) batch * nBins * nFrames != length) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "Audio features [%d, %d, %d] need their product as values; got %d"
              .formatted(batch, nBins, nFrames, length));
    }
  }

  /**
   * Features of unsigned bytes.
   *
   * @param data {@code batch * nBins * nFrames} values; kept, not copied
   * @throws InvalidRequestException if the length does not fit
   */
  public static Audio ofBytes(byte[] data, int batch, int nBins, int nFrames) {
    return new Audio(batch, nBins, nFrames, data, null);
  }

  /**
   * Features of floats.
   *
   * @param data {@code batch * nBins * nFrames} values; kept, not copied
   * @throws InvalidRequestException if the length does not fit
   */
  public static Audio ofFloats(float[] data, int batch, int nBins, int nFrames) {
    return new Audio(batch, nBins, nFrames, null, data);
  }

  /** Number of windows, for example of 30 s each. */
  public int batch() {
    return batch;
  }

  /** Features of each frame. */
  public int nBins() {
    return nBins;
  }

  /** Frames of each window. */
  public int nFrames() {
    return nFrames;
  }

  /** Whether the values are unsigned bytes. */
  public boolean isUint8() {
    return bytes != null;
  }

  /** Whether the values are floats. */
  public boolean isFloat() {
    return floats != null;
  }

  /** A tensor {@code [batch, bins, frames]}. */
  public Tensor toTensor() {
    if (isFloat()) {
      return Tensor.of(floats, batch, nBins, nFrames);
    }
    ByteBuffer data = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
    return Tensor.wrap(ScalarType.BYTE, data.put(bytes).flip(), batch, nBins, nFrames);
  }

  /** Sizes and type, never the content. */
  @Override
  public String toString() {
    return (isFloat() ? "float" : "uint8")
        + " audio features ["
        + batch
        + ", "
        + nBins
        + ", "
        + nFrames
        + "]";
  }
}
