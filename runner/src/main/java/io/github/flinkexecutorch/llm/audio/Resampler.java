package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.math.BigInteger;

/**
 * Brings sound to the one channel and the rate that a model takes.
 *
 * <p>Polyphase filtering with a sinc of 10 zero crossings on each side under a Kaiser window (beta
 * 5), cut off at the lower of the two Nyquist frequencies: SciPy's {@code resample_poly} with its
 * defaults. Deterministic on every platform.
 */
public final class Resampler {
  private static final int ZERO_CROSSINGS = 10;
  private static final double BETA = 5;

  private Resampler() {}

  /**
   * One sound of one channel at a rate.
   *
   * @param audio of one batch; its channels are averaged
   * @throws InvalidRequestException if it has several batches, or the result would be too long for
   *     an array
   */
  public static RawAudio toMono(RawAudio audio, int sampleRate) {
    if (audio.batch() != 1) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT, "One sound is needed, got a batch of " + audio.batch());
    }
    float[] mono = mix(audio);
    return audio.sampleRate() == sampleRate
        ? RawAudio.mono(mono, sampleRate)
        : RawAudio.mono(resample(mono, audio.sampleRate(), sampleRate), sampleRate);
  }

  private static float[] mix(RawAudio audio) {
    if (audio.nChannels() == 1) {
      return audio.samples();
    }
    float[] mono = new float[audio.nSamples()];
    for (int i = 0; i < mono.length; i++) {
      double sum = 0;
      for (int channel = 0; channel < audio.nChannels(); channel++) {
        sum += audio.samples()[channel * mono.length + i];
      }
      mono[i] = (float) (sum / audio.nChannels());
    }
    return mono;
  }

  private static float[] resample(float[] samples, int from, int to) {
    int divisor = BigInteger.valueOf(from).gcd(BigInteger.valueOf(to)).intValueExact();
    int up = to / divisor;
    int down = from / divisor;
    long length = ((long) samples.length * up + down - 1) / down;
    if (length > Integer.MAX_VALUE - Byte.SIZE) {
      throw new InvalidRequestException(
          Reason.AUDIO_TOO_LARGE,
          "%d samples at %d Hz become too many at %d Hz".formatted(samples.length, from, to));
    }
    double[] filter = filter(up, Math.max(up, down));
    float[] result = new float[(int) length];
    for (int i = 0; i < result.length; i++) {
      long center = (long) i * down; // on the grid that both rates have in common
      int first = (int) Math.max(0, (center - filter.length) / up + 1);
      int last = (int) Math.min(samples.length - 1, (center + filter.length - 1) / up);
      double sum = 0;
      for (int at = first; at <= last; at++) {
        sum += samples[at] * filter[(int) Math.abs(center - (long) at * up)];
      }
      result[i] = (float) sum;
    }
    return result;
  }

  /** The right half of the filter, its center included. */
  private static double[] filter(int up, int widest) {
    int half = Math.multiplyExact(ZERO_CROSSINGS, widest);
    double[] filter = new double[half + 1];
    double total = 0;
    for (int i = 0; i <= half; i++) {
      double angle = Math.PI * i / widest;
      double sinc = i == 0 ? 1 : StrictMath.sin(angle) / angle;
      double place = (double) i / half;
      filter[i] = sinc * bessel(BETA * Math.sqrt(1 - place * place));
      total += i == 0 ? filter[i] : 2 * filter[i];
    }
    for (int i = 0; i <= half; i++) {
      filter[i] *= up / total;
    }
    return filter;
  }

  /** The modified Bessel function of the first kind and order 0, by its power series. */
  private static double bessel(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
      term *= x / (2 * k) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }
}
