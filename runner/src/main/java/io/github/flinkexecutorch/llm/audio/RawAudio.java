package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;

/**
 * Sound before any preprocessing, channel after channel ({@code batch, channels, samples}), as
 * floats in [-1, 1]. Immutable.
 */
public final class RawAudio {
  private final float[] samples;
  private final int batch;
  private final int nChannels;
  private final int nSamples;
  private final int sampleRate;

  /**
   * @param samples {@code batch * nChannels * nSamples} values; kept, not copied
   * @param batch number of sounds
   * @param nChannels channels of each
   * @param nSamples samples of each channel
   * @param sampleRate samples of a channel per second
   * @throws InvalidRequestException if the length does not fit
   */
  public RawAudio(float[] samples, int batch, int nChannels, int nSamples, int sampleRate) {
    this.samples = samples;
    this.batch = batch;
    this.nChannels = nChannels;
    this.nSamples = nSamples;
    this.sampleRate = sampleRate;
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

  /** One sound of one channel. */
  public static RawAudio mono(float[] samples, int sampleRate) {
    return new RawAudio(samples, 1, 1, samples.length, sampleRate);
  }

  /** The values, not to be changed. */
  public float[] samples() {
    return samples;
  }

  public int batch() {
    return batch;
  }

  public int nChannels() {
    return nChannels;
  }

  public int nSamples() {
    return nSamples;
  }

  public int sampleRate() {
    return sampleRate;
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
