package io.github.flinkexecutorch.llm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * Damages a file, the same way for the same seed: bits flip, sizes lie, parts are cut out, doubled
 * or missing at the end. Half of the PNG and Ogg files get right checksums again, so that the
 * damage is found by whoever reads on.
 */
public final class Mutation {
  private static final List<Integer> LIES =
      List.of(0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xffff, 0x7fff, 0x10000, 40_000);
  private static final int PNG = 0x89504e47;
  private static final int OGG = 0x4f676753;
  private static final int OGG_POLYNOMIAL = 0x04c11db7;

  private Mutation() {}

  public static byte[] of(byte[] file, long seed) {
    Random random = new Random(seed * 31 + file.length);
    byte[] bytes = file.clone();
    switch (random.nextInt(5)) {
      case 0 -> flipBits(bytes, 1 + random.nextInt(8), bytes.length, random);
      case 1 -> flipBits(bytes, 1 + random.nextInt(3), Math.min(bytes.length, 128), random);
      case 2 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 3 -> lie(bytes, random);
      default -> bytes = moved(bytes, random);
    }
    if (random.nextBoolean() && bytes.length > 64) {
      repairChecksums(bytes);
    }
    return bytes;
  }

  private static void flipBits(byte[] bytes, int count, int before, Random random) {
    for (int i = 0; i < count; i++) {
      bytes[random.nextInt(before)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  /** Most sizes are in the first bytes. */
  private static void lie(byte[] bytes, Random random) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    buffer.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    int before = random.nextBoolean() ? Math.min(bytes.length, 256) : bytes.length;
    int value = LIES.get(random.nextInt(LIES.size()));
    int at = random.nextInt(before - 3);
    if (random.nextBoolean()) {
      buffer.putInt(at, value);
    } else {
      buffer.putShort(at, (short) value);
    }
  }

  /** A part is missing or there twice. */
  private static byte[] moved(byte[] bytes, Random random) {
    int from = random.nextInt(bytes.length);
    int to = random.nextInt(bytes.length);
    byte[] result = new byte[from + bytes.length - to];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(bytes, to, result, from, bytes.length - to);
    return result;
  }

  /** Writes the checksums of a PNG or Ogg file anew. */
  public static void repairChecksums(byte[] bytes) {
    ByteBuffer file = ByteBuffer.wrap(bytes);
    if (file.getInt(0) == PNG) {
      repairPng(file);
    } else if (file.getInt(0) == OGG) {
      repairOgg(file);
    }
  }

  private static void repairPng(ByteBuffer file) {
    for (int at = 8; at <= file.limit() - 12; ) {
      int length = file.getInt(at);
      if (length < 0 || length > file.limit() - at - 12) {
        return;
      }
      CRC32 checksum = new CRC32();
      checksum.update(file.slice(at + 4, length + 4));
      file.putInt(at + 8 + length, (int) checksum.getValue());
      at += length + 12;
    }
  }

  private static void repairOgg(ByteBuffer file) {
    for (int at = 0; at <= file.limit() - 27 && file.getInt(at) == OGG; ) {
      int segments = file.get(at + 26) & 0xff;
      int length = 27 + segments;
      for (int i = 0; i < segments && at + 27 + i < file.limit(); i++) {
        length += file.get(at + 27 + i) & 0xff;
      }
      if (length > file.limit() - at) {
        return;
      }
      file.putInt(at + 22, 0);
      int checksum = 0;
      for (int i = 0; i < length; i++) {
        checksum ^= file.get(at + i) << 24;
        for (int bit = 0; bit < 8; bit++) {
          checksum = checksum << 1 ^ (checksum < 0 ? OGG_POLYNOMIAL : 0);
        }
      }
      file.putInt(at + 22, Integer.reverseBytes(checksum));
      at += length;
    }
  }
}
