package io.github.flinkexecutorch.llm.audio;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The header of a frame of MPEG 1, 2 or 2.5 audio, layer III (ISO/IEC 11172-3 and 13818-3).
 *
 * @param length bytes of the frame
 * @param samples samples of each channel
 * @param sideInfo bytes between the header and where the first frame may have an Xing or Info tag
 */
record Mp3Frame(int length, int samples, int sampleRate, int channels, int sideInfo) {
  static final int HEADER_LENGTH = 4;
  private static final int SYNC = 0xffe00000;
  private static final int MPEG_1 = 3;
  private static final int RESERVED_VERSION = 1;
  private static final int LAYER_III = 1;
  private static final int BAD_BITRATE = 15;
  private static final int MONO = 3;
  private static final List<Integer> KILOBITS_1 =
      List.of(32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320);
  private static final List<Integer> KILOBITS_2 =
      List.of(8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160);

  /** Whether a frame starts there, and another one or the end after it. */
  static boolean startsAt(ByteBuffer content, int at) {
    Mp3Frame frame = at(content, at);
    if (frame == null || frame.length > content.limit() - at) {
      return false;
    }
    int next = at + frame.length;
    return next == content.limit() || at(content, next) != null;
  }

  /** The frame there, or null if there is none. */
  static Mp3Frame at(ByteBuffer content, int at) {
    if (at > content.limit() - HEADER_LENGTH) {
      return null;
    }
    int header = content.getInt(at);
    int version = (header >> 19) & 3;
    int layer = (header >> 17) & 3;
    int bitrate = (header >> 12) & 15;
    int rate = (header >> 10) & 3;
    if ((header & SYNC) != SYNC
        || version == RESERVED_VERSION
        || layer != LAYER_III
        || bitrate == 0
        || bitrate == BAD_BITRATE
        || rate == 3) {
      return null;
    }
    boolean mpeg1 = version == MPEG_1;
    int halvings = mpeg1 ? 0 : 1 + (2 - version) / 2; // version 2 is MPEG 2, version 0 MPEG 2.5
    int sampleRate = sampleRate(rate) >> halvings;
    int samples = mpeg1 ? 1152 : 576;
    int padding = (header >> 9) & 1;
    int length = samples / 8 * 1000 * kilobits(bitrate, mpeg1) / sampleRate + padding;
    boolean mono = ((header >> 6) & 3) == MONO;
    int sideInfo = mpeg1 ? (mono ? 17 : 32) : (mono ? 9 : 17);
    return new Mp3Frame(length, samples, sampleRate, mono ? 1 : 2, sideInfo);
  }

  boolean isSameStreamAs(Mp3Frame other) {
    return other != null
        && sampleRate == other.sampleRate
        && channels == other.channels
        && samples == other.samples;
  }

  private static int sampleRate(int code) {
    return switch (code) {
      case 0 -> 44100;
      case 1 -> 48000;
      default -> 32000;
    };
  }

  private static int kilobits(int code, boolean mpeg1) {
    return (mpeg1 ? KILOBITS_1 : KILOBITS_2).get(code - 1);
  }
}
