package io.github.flinkexecutorch.llm.audio;

import static io.github.flinkexecutorch.llm.audio.SoundFormat.OGG;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Checks the headers of Vorbis I before the decoder, which allocates tables by the numbers in them
 * (sections 4.2, 3.2.1, 6, 7 and 8 of the specification).
 */
final class VorbisHeaders {
  private static final byte[] VORBIS = "vorbis".getBytes(StandardCharsets.US_ASCII);
  private static final int IDENTIFICATION_LENGTH = 30;
  private static final int SMALLEST_BLOCK = 6;
  private static final int LARGEST_BLOCK = 13;
  private static final int CODEBOOK_SYNC = 0x564342;

  /** Values of all codebooks together; encoders' have some hundred thousand. */
  private static final long MOST_VALUES = 1 << 22;

  private final Bits bits;
  private int[] dimensions;
  private int[] entries;
  private long values;

  private VorbisHeaders(byte[] setup) {
    bits = new Bits(setup, 1 + VORBIS.length);
  }

  static void requireIdentification(byte[] packet) {
    if (!isHeader(packet, 1) || packet.length < IDENTIFICATION_LENGTH) {
      throw SoundFormat.unusable(OGG, "its stream is not Vorbis. Convert it");
    }
    ByteBuffer header = ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN);
    int small = header.get(28) & 15;
    int large = (header.get(28) >> 4) & 15;
    if (header.getInt(7) != 0 || small < SMALLEST_BLOCK || large < small || large > LARGEST_BLOCK) {
      throw SoundFormat.unusable(OGG, "its first header is damaged");
    }
  }

  static void requireBoundedSetup(byte[] packet, int channels) {
    if (!isHeader(packet, 5) || channels < 1) {
      throw SoundFormat.unusable(OGG, "it has no setup header");
    }
    VorbisHeaders setup = new VorbisHeaders(packet);
    setup.readCodebooks();
    setup.skipTimes();
    setup.skipFloors();
    setup.checkResidues();
  }

  private static boolean isHeader(byte[] packet, int type) {
    return packet.length > VORBIS.length
        && packet[0] == type
        && ByteBuffer.wrap(packet, 1, VORBIS.length).equals(ByteBuffer.wrap(VORBIS));
  }

  private void readCodebooks() {
    int count = bits.read(8) + 1;
    dimensions = new int[count];
    entries = new int[count];
    for (int book = 0; book < count; book++) {
      require(bits.read(24) == CODEBOOK_SYNC);
      dimensions[book] = bits.read(16);
      entries[book] = bits.read(24);
      values += (long) entries[book] * Math.max(1, dimensions[book]);
      require(values <= MOST_VALUES);
      skipLengths(entries[book]);
      skipLookup(dimensions[book], entries[book]);
    }
  }

  private void skipLengths(int count) {
    boolean ordered = bits.read(1) == 1;
    if (ordered) {
      bits.read(5);
      for (int entry = 0; entry < count; ) {
        int run = bits.read(Integer.SIZE - Integer.numberOfLeadingZeros(count - entry));
        require(run <= count - entry);
        entry += run;
        bits.requireMore();
      }
      return;
    }
    boolean sparse = bits.read(1) == 1;
    for (int entry = 0; entry < count; entry++) {
      if (!sparse || bits.read(1) == 1) {
        bits.read(5);
      }
    }
  }

  private void skipLookup(int dimension, int count) {
    int type = bits.read(4);
    require(type <= 2);
    if (type == 0) {
      return;
    }
    bits.skip(64); // minimum and step
    int valueBits = bits.read(4) + 1;
    bits.read(1);
    require(dimension > 0);
    long lookups = type == 1 ? root(count, dimension) : (long) count * dimension;
    bits.skip(lookups * valueBits);
  }

  /** The largest integer whose power with the exponent is not above the value. */
  private static int root(int value, int exponent) {
    int root = (int) Math.floor(StrictMath.pow(value, 1.0 / exponent));
    while (StrictMath.pow(root + 1, exponent) <= value) {
      root++;
    }
    while (root > 0 && StrictMath.pow(root, exponent) > value) {
      root--;
    }
    return root;
  }

  private void skipTimes() {
    bits.skip(16L * (bits.read(6) + 1));
  }

  private void skipFloors() {
    int count = bits.read(6) + 1;
    for (int floor = 0; floor < count; floor++) {
      int type = bits.read(16);
      require(type <= 1);
      if (type == 0) {
        bits.skip(8 + 16 + 16 + 6 + 8);
        bits.skip(8L * (bits.read(4) + 1));
      } else {
        skipFloor1();
      }
    }
  }

  private void skipFloor1() {
    int[] classes = new int[bits.read(5)];
    int most = -1;
    for (int i = 0; i < classes.length; i++) {
      classes[i] = bits.read(4);
      most = Math.max(most, classes[i]);
    }
    int[] sizes = new int[most + 1];
    for (int i = 0; i <= most; i++) {
      sizes[i] = bits.read(3) + 1;
      int subclasses = bits.read(2);
      bits.skip(subclasses == 0 ? 0 : 8);
      bits.skip(8L << subclasses);
    }
    bits.read(2);
    int range = bits.read(4);
    for (int i : classes) {
      bits.skip((long) sizes[i] * range);
    }
  }

  /** The decoder makes one table entry for each way to classify a codeword's partitions. */
  private void checkResidues() {
    int count = bits.read(6) + 1;
    for (int residue = 0; residue < count; residue++) {
      bits.skip(16 + 24 + 24 + 24);
      int classifications = bits.read(6) + 1;
      int book = bits.read(8);
      require(book < entries.length);
      require(StrictMath.pow(classifications, dimensions[book]) <= entries[book]);
      int cascades = 0;
      for (int i = 0; i < classifications; i++) {
        int low = bits.read(3);
        int high = bits.read(1) == 1 ? bits.read(5) : 0;
        cascades += Integer.bitCount(high << 3 | low);
      }
      bits.skip(8L * cascades);
    }
  }

  private static void require(boolean valid) {
    if (!valid) {
      throw SoundFormat.unusable(OGG, "its setup header is damaged");
    }
  }

  /** Bits of a packet, the lowest of each byte first; beyond the end it throws. */
  private static final class Bits {
    private final byte[] content;
    private long at;

    Bits(byte[] content, int start) {
      this.content = content;
      this.at = 8L * start;
    }

    int read(int count) {
      int value = 0;
      for (int i = 0; i < count; i++, at++) {
        require(at >>> 3 < content.length);
        value |= ((content[(int) (at >>> 3)] >> (at & 7)) & 1) << i;
      }
      return value;
    }

    void skip(long count) {
      at += count;
      requireMore();
    }

    void requireMore() {
      require(at >>> 3 < content.length);
    }
  }
}
