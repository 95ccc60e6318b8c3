package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.runtime.Tensor;

/**
 * Features of sound as an audio encoder takes them: {@code batch, bins, frames}, for example a
 * log-mel spectrogram. Immutable.
 *
 * @param features {@code batch * nBins * nFrames} values; kept, not copied
 * @param batch number of windows, for example of 30 s each
 * @param nBins features of each frame
 * @param nFrames frames of each window
 */
public record Audio(float[] features, int batch, int nBins, int nFrames) {
  public Audio {
    if (batch < 1
        || nBins < 1
        || nFrames < 1
        || (long) batch * nBins * nFrames != features.length) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "Audio features [%d, %d, %d] need their product as values; got %d"
              .formatted(batch, nBins, nFrames, features.length));
    }
  }

  /** A tensor {@code [batch, bins, frames]}. */
  public Tensor toTensor() {
    return Tensor.of(features, batch, nBins, nFrames);
  }

  /** Sizes, never the content. */
  @Override
  public String toString() {
    return "audio features [" + batch + ", " + nBins + ", " + nFrames + "]";
  }
}
