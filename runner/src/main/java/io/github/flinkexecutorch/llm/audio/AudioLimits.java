package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;

/**
 * How large an encoded sound may be. What the header says is checked before anything is decoded,
 * what it does not say while it is.
 *
 * @param maxBytes largest file
 * @param maxSeconds longest sound
 * @param maxSampleRate most samples of a channel per second
 * @param maxChannels most channels
 * @param maxSamples most samples of all channels; each is held as a float
 */
public record AudioLimits(
    long maxBytes, int maxSeconds, int maxSampleRate, int maxChannels, int maxSamples) {
  /** 64 MiB, 20 minutes, 192 kHz, 8 channels, 32 Mi samples (128 MiB of floats). */
  public static final AudioLimits DEFAULTS = new AudioLimits(64L << 20, 1200, 192_000, 8, 32 << 20);

  public AudioLimits {
    if (maxBytes < 1 || maxSeconds < 1 || maxSampleRate < 1 || maxChannels < 1 || maxSamples < 1) {
      throw new IllegalArgumentException("Limits of sounds must be at least 1");
    }
  }

  void requireBytes(long bytes) {
    if (bytes > maxBytes) {
      throw tooLarge("A sound of " + bytes + " bytes", maxBytes + " bytes");
    }
  }

  void requireForm(SoundFormat format, long sampleRate, int channels) {
    if (sampleRate < 1 || channels < 1) {
      throw SoundFormat.unusable(
          format, "it says " + channels + " channels at " + sampleRate + " Hz");
    }
    String sound = "A " + format + " sound of " + channels + " channels at " + sampleRate + " Hz";
    if (sampleRate > maxSampleRate) {
      throw tooLarge(sound, maxSampleRate + " Hz");
    }
    if (channels > maxChannels) {
      throw tooLarge(sound, maxChannels + " channels");
    }
  }

  /**
   * Checks a length in samples of one channel, of a sound whose form is known to fit.
   *
   * @param samples may be unknown yet, and grow
   */
  void requireLength(SoundFormat format, long samples, int sampleRate, int channels) {
    if (samples > (long) maxSeconds * sampleRate) {
      throw tooLarge("A " + format + " sound of more samples", maxSeconds + " seconds");
    }
    if (samples > maxSamples / channels) {
      throw tooLarge(
          "A " + format + " sound of more samples in " + channels + " channels",
          maxSamples + " samples in all");
    }
  }

  private static InvalidRequestException tooLarge(String sound, String limit) {
    return new InvalidRequestException(
        Reason.AUDIO_TOO_LARGE,
        sound + " is too large; the limit is " + limit + ". Send a shorter or plainer sound");
  }
}
