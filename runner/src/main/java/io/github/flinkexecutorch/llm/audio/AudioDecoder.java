package io.github.flinkexecutorch.llm.audio;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Decodes WAV, FLAC, MP3 and Ogg Vorbis files, told apart by their content, never by a name, all in
 * Java.
 *
 * <p>The result has the channels and the rate of the file; {@link Resampler} makes of them what a
 * model takes. Integers are divided by the magnitude of their smallest value (16 bits by 32768), as
 * libsndfile, librosa and torchaudio do, by which the training data of such models was read;
 * ExecuTorch's own WAV loader divides by 32767, which is larger by a factor of 1.00003.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class AudioDecoder {
  private final AudioLimits limits;

  /** Decodes within {@link AudioLimits#DEFAULTS}. */
  public AudioDecoder() {
    this(AudioLimits.DEFAULTS);
  }

  public AudioDecoder(AudioLimits limits) {
    this.limits = limits;
  }

  /**
   * Decodes a file.
   *
   * @throws InvalidRequestException as {@link #decode(byte[])}, and if the file cannot be read
   */
  public RawAudio decode(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      limits.requireBytes(Files.size(file)); // a pipe has size 0, so what is read counts as well
      byte[] content = in.readNBytes((int) Math.min(limits.maxBytes() + 1, Integer.MAX_VALUE - 8));
      return decode(content);
    } catch (IOException e) {
      throw new InvalidRequestException(
          Reason.AUDIO_DECODE, "Sound " + file + " cannot be read: " + e, e);
    }
  }

  /**
   * Decodes the content of a file.
   *
   * @throws InvalidRequestException {@link Reason#AUDIO_TOO_LARGE} if it goes beyond the limits;
   *     {@link Reason#AUDIO_DECODE} if it is damaged, truncated, or of no known format
   */
  public RawAudio decode(byte[] content) {
    limits.requireBytes(content.length);
    ByteBuffer file = ByteBuffer.wrap(content).asReadOnlyBuffer();
    SoundFormat format =
        SoundFormat.of(file)
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        Reason.AUDIO_DECODE,
                        "The "
                            + content.length
                            + " bytes are no sound; known are "
                            + Arrays.toString(SoundFormat.values())));
    try {
      return format.decode(file, limits);
    } catch (InvalidRequestException e) {
      throw e;
    } catch (Exception | StackOverflowError e) {
      // The one place where the decoders' ways to fail on damaged files become one.
      throw new InvalidRequestException(
          Reason.AUDIO_DECODE, "The " + format + " sound cannot be read, its data is damaged", e);
    }
  }
}
