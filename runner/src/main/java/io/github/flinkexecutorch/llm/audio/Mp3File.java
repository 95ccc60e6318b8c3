package io.github.flinkexecutorch.llm.audio;

import static io.github.flinkexecutorch.llm.audio.SoundFormat.MP3;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javazoom.jl.decoder.Bitstream;
import javazoom.jl.decoder.BitstreamException;
import javazoom.jl.decoder.DecoderException;
import javazoom.jl.decoder.Header;
import javazoom.jl.decoder.MP3Decoder;
import javazoom.jl.decoder.OutputBuffer;

/**
 * MPEG audio layer III. The silence that the encoder says to have added in front and behind is cut
 * off; without its word nothing is.
 */
final class Mp3File {
  private static final int XING = 0x58696e67;
  private static final int INFO = 0x496e666f;
  private static final int LAME_DELAYS = 21;
  private static final int DECODER_DELAY = 529;

  private final ByteBuffer file;
  private final ByteBuffer kept;
  private final Mp3Frame first;
  private int frames;
  private int announcedFrames;
  private int delay;
  private int padding;

  private Mp3File(ByteBuffer file, int start) {
    this.file = file;
    this.first = Mp3Frame.at(file, start);
    this.kept = ByteBuffer.allocate(file.limit() - start);
    int tag = start + Mp3Frame.HEADER_LENGTH + first.sideInfo();
    boolean tagged = file.getInt(tag) == XING || file.getInt(tag) == INFO;
    if (tagged) {
      readTag(tag);
    }
    keepFrames(tagged ? start + first.length() : start);
  }

  static RawAudio decode(ByteBuffer file, AudioLimits limits)
      throws BitstreamException, DecoderException {
    return new Mp3File(file, Id3.length(file)).decode(limits);
  }

  private void readTag(int tag) {
    int flags = file.getInt(tag + 4);
    int at = tag + 8;
    if ((flags & 1) != 0) {
      announcedFrames = file.getInt(at);
      at += 4;
    }
    at += ((flags & 2) != 0 ? 4 : 0) + ((flags & 4) != 0 ? 100 : 0) + ((flags & 8) != 0 ? 4 : 0);
    int delays = file.getInt(at + LAME_DELAYS) >>> 8;
    if (file.get(at) != 0 && delays != 0) {
      delay = (delays >> 12) + DECODER_DELAY;
      padding = Math.max(0, (delays & 0xfff) - DECODER_DELAY);
    }
  }

  /** Bytes between frames are skipped, and a last frame that is not whole. */
  private void keepFrames(int from) {
    for (int at = from; at <= file.limit() - Mp3Frame.HEADER_LENGTH; ) {
      Mp3Frame frame = Mp3Frame.at(file, at);
      if (first.isSameStreamAs(frame) && frame.length() <= file.limit() - at) {
        kept.put(file.slice(at, frame.length()));
        frames++;
        at += frame.length();
      } else {
        at++;
      }
    }
    if (frames < announcedFrames) {
      throw SoundFormat.unusable(
          MP3, "it is truncated: " + frames + " frames of " + announcedFrames + " are there");
    }
  }

  private RawAudio decode(AudioLimits limits) throws BitstreamException, DecoderException {
    long expected = (long) frames * first.samples();
    SampleBuffer buffer =
        new SampleBuffer(MP3, limits, first.sampleRate(), first.channels(), expected);
    DecoderTables.fill();
    decodeFrames(kept.array(), kept.position(), buffer, first.samples());
    int end = Math.max(0, buffer.length() - padding);
    return buffer.toRawAudio(Math.min(delay, end), end);
  }

  private static void decodeFrames(byte[] frames, int length, SampleBuffer buffer, int samples)
      throws BitstreamException, DecoderException {
    Bitstream bitstream = new Bitstream(new ByteArrayInputStream(frames, 0, length));
    MP3Decoder decoder = new MP3Decoder();
    Collector collector = new Collector(buffer);
    decoder.setOutputBuffer(collector);
    for (Header header = bitstream.readFrame(); header != null; header = bitstream.readFrame()) {
      collector.startAt(buffer.add(samples));
      decoder.decodeFrame(header, bitstream);
      bitstream.closeFrame();
    }
  }

  /**
   * The decoder fills its static tables when it is first used, without a lock. So it decodes a
   * frame of silence first, under the lock of this class's initialization.
   */
  private static final class DecoderTables {
    private static final int SILENCE = 0xfffb90c0; // MPEG 1, 128 kbit/s, 44.1 kHz, mono

    static {
      ByteBuffer silence = ByteBuffer.allocate(1024).putInt(0, SILENCE);
      int length = Mp3Frame.at(silence, 0).length();
      SampleBuffer ignored = new SampleBuffer(MP3, AudioLimits.DEFAULTS, 44100, 1, 0);
      try {
        decodeFrames(silence.array(), length, ignored, 1152);
      } catch (BitstreamException | DecoderException e) {
        throw new IllegalStateException("The decoder of MP3 cannot be used", e);
      }
    }

    static void fill() {}
  }

  /** Takes the decoder's floats before they are rounded to 16 bits. */
  private static final class Collector extends OutputBuffer {
    private static final float SCALE = 1f / 32700; // the decoder's full scale

    private final SampleBuffer buffer;
    private final int[] filled; // up to where, by channel

    Collector(SampleBuffer buffer) {
      super(buffer.channels(), false);
      this.buffer = buffer;
      this.filled = new int[buffer.channels()];
    }

    @Override
    public void appendSamples(int channel, float[] samples) {
      for (float sample : samples) {
        buffer.set(channel, filled[channel]++, sample * SCALE);
      }
    }

    void startAt(int place) {
      Arrays.fill(filled, place);
    }
  }
}
