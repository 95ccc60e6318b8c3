package io.github.flinkexecutorch.llm.audio;

import static io.github.flinkexecutorch.llm.audio.SoundFormat.FLAC;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jflac.ChannelData;
import org.jflac.FLACDecoder;
import org.jflac.frame.Frame;

/**
 * Free Lossless Audio Codec (RFC 9639). The decoder sees the stream information and the frames, no
 * other metadata: it would allocate by what that claims. Where the file has a checksum of its
 * samples, they are checked against it.
 */
final class FlacFile {
  private static final int SIGNATURE_LENGTH = 4;
  private static final int BLOCK_HEADER = 4;
  private static final int STREAM_INFO_LENGTH = 34;
  private static final int START_LENGTH = SIGNATURE_LENGTH + BLOCK_HEADER + STREAM_INFO_LENGTH;
  private static final int LAST_BLOCK = 0x80;
  private static final int CHECKSUM = 18;
  private static final int CHECKSUM_LENGTH = 16;
  private static final int MOST_BITS = 24;

  private FlacFile() {}

  static RawAudio decode(ByteBuffer file, AudioLimits limits) throws IOException {
    int start = Id3.length(file);
    ByteBuffer info = file.slice(start + SIGNATURE_LENGTH + BLOCK_HEADER, STREAM_INFO_LENGTH);
    if (file.getInt(start + SIGNATURE_LENGTH) << 1 != STREAM_INFO_LENGTH << 1) {
      throw SoundFormat.unusable(FLAC, "its stream information is not its first block");
    }
    int sampleRate = info.getInt(10) >>> 12;
    int channels = ((info.get(12) >> 1) & 7) + 1;
    int bits = ((info.getShort(12) >> 4) & 0x1f) + 1;
    long samples = info.getLong(10) & 0xfffffffffL;
    if (bits > MOST_BITS) {
      throw SoundFormat.unusable(FLAC, "it has " + bits + " bits per sample, more than 24");
    }
    SampleBuffer buffer = new SampleBuffer(FLAC, limits, sampleRate, channels, samples);
    byte[] stripped = stripped(file, start);
    MessageDigest checksum = md5();
    FLACDecoder decoder = new FLACDecoder(new ByteArrayInputStream(stripped));
    decoder.readMetadata();
    for (Frame frame = decoder.readNextFrame(); frame != null; frame = decoder.readNextFrame()) {
      if (frame.header.channels != channels || frame.header.bitsPerSample != bits) {
        throw SoundFormat.unusable(FLAC, "one of its frames has another form than the stream");
      }
      add(frame.header.blockSize, decoder.getChannelData(), bits, buffer, checksum);
    }
    requireComplete(info, samples, buffer, decoder.getBadFrames(), checksum.digest());
    return buffer.toRawAudio(0, buffer.length());
  }

  private static byte[] stripped(ByteBuffer file, int start) {
    int at = start + SIGNATURE_LENGTH;
    boolean last = false;
    while (!last) {
      last = (file.get(at) & LAST_BLOCK) != 0;
      at += BLOCK_HEADER + (file.getInt(at) & 0xffffff);
      if (at > file.limit()) {
        throw SoundFormat.unusable(FLAC, "it is truncated");
      }
    }
    ByteBuffer kept = ByteBuffer.allocate(START_LENGTH + file.limit() - at);
    kept.put(file.slice(start, START_LENGTH)).put(file.slice(at, file.limit() - at));
    kept.put(SIGNATURE_LENGTH, (byte) LAST_BLOCK);
    return kept.array();
  }

  private static void add(
      int samples, ChannelData[] data, int bits, SampleBuffer buffer, MessageDigest checksum) {
    int start = buffer.add(samples);
    int bytes = (bits + 7) / 8;
    float scale = 1f / (1 << (bits - 1));
    byte[] hashed = new byte[samples * buffer.channels() * bytes];
    for (int channel = 0; channel < buffer.channels(); channel++) {
      int[] values = data[channel].getOutput();
      for (int i = 0; i < samples; i++) {
        buffer.set(channel, start + i, values[i] * scale);
        for (int b = 0; b < bytes; b++) {
          hashed[(i * buffer.channels() + channel) * bytes + b] = (byte) (values[i] >> (8 * b));
        }
      }
    }
    checksum.update(hashed);
  }

  private static void requireComplete(
      ByteBuffer info, long samples, SampleBuffer buffer, int badFrames, byte[] checksum) {
    if (badFrames > 0 || (samples > 0 && buffer.length() != samples)) {
      throw SoundFormat.unusable(
          FLAC,
          "it is damaged or truncated: " + buffer.length() + " samples of " + samples + " decoded");
    }
    ByteBuffer expected = info.slice(CHECKSUM, CHECKSUM_LENGTH);
    boolean known = expected.getLong(0) != 0 || expected.getLong(8) != 0;
    if (known && !expected.equals(ByteBuffer.wrap(checksum))) {
      throw SoundFormat.unusable(FLAC, "its samples do not fit its checksum");
    }
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5"); // the format's own choice
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has MD5", e);
    }
  }
}
