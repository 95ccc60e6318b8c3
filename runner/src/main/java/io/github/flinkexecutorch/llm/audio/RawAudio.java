package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;

/**
 * Sound before any preprocessing, channel after channel ({@code batch, channels, samples}), as
 * floats in [-1, 1]. Immutable.
 *
 * @param samples {@code batch * nChannels * nSamples} values; kept, not copied
 * @param batch number of sounds
 * @param nChannels channels of each
 * @param nSamples samples of each channel
 * @param sampleRate samples per second
 */
public record RawAudio(float[] samples, int batch, int nChannels, int nSamples, int sampleRate) {
  public RawAudio {
    if (batch < 1
        || nChannels < 1
        || nSamples < 1
        || sampleRate < 1
        || (long) batch * nChannels * nSamples != samples.length) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "Audio of %d x %d channels x %d samples at %d Hz needs their product as values; got %d"
              .formatted(batch, nChannels, nSamples, sampleRate, samples.length));
    }
  }

  /** Sizes, never the content. */
  @Override
  public String toString() {
    return "raw audio ["
        + batch
        + ", "
        + nChannels
        + ", "
        + nSamples
        + "] at "
        + sampleRate
        + " Hz";
  }
}
