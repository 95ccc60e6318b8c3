package io.github.flinkexecutorch.llm.audio;

import static io.github.flinkexecutorch.llm.audio.SoundFormat.FLAC;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jflac.ChannelData;
import org.jflac.FLACDecoder;
import org.jflac.FrameListener;
import org.jflac.frame.Frame;
import org.jflac.metadata.Metadata;

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
  private static final int FORM = SIGNATURE_LENGTH + BLOCK_HEADER + 10;
  private static final long SAMPLES_MASK = 0xfffffffffL;
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
    long samples = info.getLong(10) & SAMPLES_MASK;
    if (bits > MOST_BITS) {
      throw SoundFormat.unusable(FLAC, "it has " + bits + " bits per sample, more than 24");
    }
    SampleBuffer buffer = new SampleBuffer(FLAC, limits, sampleRate, channels, samples);
    MessageDigest checksum = md5();
    FLACDecoder decoder = new FLACDecoder(new ByteArrayInputStream(stripped(file, start).array()));
    decoder.addFrameListener(new StopAtError());
    decoder.readMetadata();
    while (samples == 0 || buffer.length() < samples) {
      Frame frame = decoder.readNextFrame();
      if (frame == null) {
        break;
      }
      if (frame.header.channels != channels || frame.header.bitsPerSample != bits) {
        throw SoundFormat.unusable(FLAC, "one of its frames has another form than the stream");
      }
      add(frame.header.blockSize, decoder.getChannelData(), bits, buffer, checksum);
    }
    requireComplete(info, samples, buffer.length(), checksum.digest());
    return buffer.toRawAudio(0, buffer.length());
  }

  private static ByteBuffer stripped(ByteBuffer file, int start) {
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
    // Without the number of samples, since at its end the decoder would search for ever.
    long form = kept.getLong(FORM);
    return kept.putLong(FORM, form & ~SAMPLES_MASK);
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

  private static void requireComplete(ByteBuffer info, long samples, int decoded, byte[] checksum) {
    if (samples > 0 && decoded != samples) {
      throw SoundFormat.unusable(
          FLAC, "it is truncated: it has " + decoded + " samples of " + samples);
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

  /** The decoder would rather search the rest of the file for another frame. */
  private static final class StopAtError implements FrameListener {
    @Override
    public void processMetadata(Metadata metadata) {}

    @Override
    public void processFrame(Frame frame) {}

    @Override
    public void processError(String message) {
      throw SoundFormat.unusable(FLAC, "one of its frames is damaged");
    }
  }
}
