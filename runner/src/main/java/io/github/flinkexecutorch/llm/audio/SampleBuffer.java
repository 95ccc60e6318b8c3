package io.github.flinkexecutorch.llm.audio;

import java.util.Arrays;

/** Collects the samples of a sound channel by channel, within limits. */
final class SampleBuffer {
  private static final int FIRST_CAPACITY = 1 << 16;

  private final SoundFormat format;
  private final AudioLimits limits;
  private final int sampleRate;
  private final float[][] channels;
  private int length;

  /**
   * @param expected samples of each channel that the header claims, checked here; 0 if unknown
   */
  SampleBuffer(
      SoundFormat format, AudioLimits limits, long sampleRate, int channels, long expected) {
    limits.requireForm(format, sampleRate, channels);
    this.format = format;
    this.limits = limits;
    this.sampleRate = (int) sampleRate;
    limits.requireLength(format, expected, this.sampleRate, channels);
    this.channels = new float[channels][(int) Math.min(expected, FIRST_CAPACITY)];
  }

  int channels() {
    return channels.length;
  }

  /** Samples of each channel. */
  int length() {
    return length;
  }

  /**
   * Makes room for more samples.
   *
   * @return where they start in each channel
   */
  int add(int samples) {
    int start = length;
    limits.requireLength(format, (long) length + samples, sampleRate, channels.length);
    length += samples;
    if (length > channels[0].length) {
      long grown = channels[0].length + channels[0].length / 2L;
      int capacity = (int) Math.max(length, Math.min(grown, limits.maxSamples() / channels.length));
      for (int channel = 0; channel < channels.length; channel++) {
        channels[channel] = Arrays.copyOf(channels[channel], capacity);
      }
    }
    return start;
  }

  void set(int channel, int at, float value) {
    channels[channel][at] = value;
  }

  /** The part of the samples that belongs to the sound. */
  RawAudio toRawAudio(int from, int to) {
    int count = to - from;
    if (count < 1) {
      throw SoundFormat.unusable(format, "it has no samples");
    }
    if (channels.length == 1 && count == channels[0].length) {
      return RawAudio.mono(channels[0], sampleRate);
    }
    float[] all = new float[count * channels.length];
    for (int channel = 0; channel < channels.length; channel++) {
      System.arraycopy(channels[channel], from, all, channel * count, count);
      channels[channel] = null; // halves the peak where there are many
    }
    return new RawAudio(all, 1, channels.length, count, sampleRate);
  }
}
