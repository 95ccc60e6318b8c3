package io.github.flinkexecutorch.llm.audio;

import static io.github.flinkexecutorch.llm.audio.SoundFormat.WAV;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * RIFF/WAVE: integers of 8, 16, 24 and 32 bits, floats of 32 and 64, plain or as
 * WAVE_FORMAT_EXTENSIBLE.
 */
final class WavFile {
  private static final int RIFF_HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int FMT = 0x20746d66;
  private static final int DATA = 0x61746164;
  private static final int PCM = 1;
  private static final int IEEE_FLOAT = 3;
  private static final int EXTENSIBLE = 0xfffe;
  private static final int SHORTEST_FMT = 16;
  private static final int EXTENSIBLE_FMT = 26;

  private final ByteBuffer file;
  private int tag;
  private int channels;
  private int sampleRate;
  private int bits;

  private WavFile(ByteBuffer file) {
    this.file = file;
  }

  static RawAudio decode(ByteBuffer bigEndian, AudioLimits limits) {
    return new WavFile(bigEndian.duplicate().order(ByteOrder.LITTLE_ENDIAN)).decode(limits);
  }

  private RawAudio decode(AudioLimits limits) {
    for (int at = RIFF_HEADER; at <= file.limit() - CHUNK_HEADER; ) {
      int content = at + CHUNK_HEADER;
      long length = Integer.toUnsignedLong(file.getInt(at + 4));
      if (file.getInt(at) == DATA) {
        return read(content, length, limits);
      }
      if (length > file.limit() - content) {
        throw SoundFormat.unusable(WAV, "it is truncated");
      }
      if (file.getInt(at) == FMT && channels == 0) {
        readForm(content, (int) length);
      }
      at = content + (int) length + (int) (length & 1);
    }
    throw SoundFormat.unusable(WAV, "it has no data chunk");
  }

  private void readForm(int at, int length) {
    if (length < SHORTEST_FMT) {
      throw SoundFormat.unusable(WAV, "its format chunk has only " + length + " bytes");
    }
    tag = file.getShort(at) & 0xffff;
    channels = file.getShort(at + 2) & 0xffff;
    sampleRate = file.getInt(at + 4);
    bits = file.getShort(at + 14) & 0xffff;
    if (tag == EXTENSIBLE && length >= EXTENSIBLE_FMT) {
      tag = file.getShort(at + 24) & 0xffff; // the start of the subformat's GUID
    }
    boolean integers = tag == PCM && bits >= 8 && bits <= 32;
    boolean floats = tag == IEEE_FLOAT && (bits == 32 || bits == 64);
    if (bits % 8 != 0 || !(integers || floats)) {
      throw SoundFormat.unusable(
          WAV,
          "its format "
              + tag
              + " with "
              + bits
              + " bits is neither PCM of 8, 16, 24 or 32 bits nor"
              + " IEEE float. Convert it to PCM");
    }
    if (file.getShort(at + 12) != (short) (channels * bits / 8)) {
      throw SoundFormat.unusable(WAV, "its block size does not fit its channels and bits");
    }
  }

  private RawAudio read(int at, long length, AudioLimits limits) {
    if (channels == 0) {
      throw SoundFormat.unusable(WAV, "it has no format chunk before its data");
    }
    int block = channels * bits / 8;
    int available = file.limit() - at;
    boolean streamed = length == 0 || length == 0xffffffffL; // its writer could not go back
    if (length > available && !streamed) {
      throw SoundFormat.unusable(
          WAV, "it is truncated: " + length + " bytes of data announced, " + available + " there");
    }
    long samples = (streamed ? available : length) / block;
    SampleBuffer buffer = new SampleBuffer(WAV, limits, sampleRate, channels, samples);
    buffer.add((int) samples);
    for (int sample = 0; sample < samples; sample++) {
      for (int channel = 0; channel < channels; channel++) {
        buffer.set(channel, sample, sample(at + sample * block + channel * bits / 8));
      }
    }
    return buffer.toRawAudio(0, (int) samples);
  }

  /** In [-1, 1): an integer is divided by the magnitude of its smallest value. */
  private float sample(int at) {
    return switch (bits) {
      case 8 -> ((file.get(at) & 0xff) - 128) / 128f;
      case 16 -> file.getShort(at) / 32768f;
      case 24 -> ((file.getShort(at) & 0xffff) | file.get(at + 2) << 16) / 8388608f;
      case 32 -> tag == PCM ? (float) (file.getInt(at) / 2147483648.0) : finite(file.getFloat(at));
      default -> finite((float) file.getDouble(at));
    };
  }

  private static float finite(float value) {
    if (!Float.isFinite(value)) {
      throw SoundFormat.unusable(WAV, "it has a sample that is not a finite number");
    }
    return value;
  }
}
