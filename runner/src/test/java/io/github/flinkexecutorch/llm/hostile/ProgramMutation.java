package io.github.flinkexecutorch.llm.hostile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damages a {@code .pte} or {@code .ptd} file, the same way for the same seed. The first ten seeds
 * cut it at every tenth; of the others, each second one hits the tables, the rest the headers and
 * the segments.
 */
final class ProgramMutation {
  private static final List<Integer> LIES =
      List.of(0, 1, -1, 2, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xffff, 0x10000, 0x40000000);
  private static final int HEADERS = 64;
  private static final int HEADER_FIELDS = 12;

  private ProgramMutation() {}

  static byte[] of(byte[] file, int seed) {
    if (seed < 10) {
      return Arrays.copyOf(file, (int) ((long) file.length * seed / 10));
    }
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + file.length);
    byte[] bytes = file.clone();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int[] tables = tables(in, new String(bytes, 8, 4, StandardCharsets.US_ASCII));
    switch (seed % 8) {
      case 0 -> flip(bytes, 0, HEADERS, random);
      case 2 -> flip(bytes, tables[1], bytes.length, random);
      case 4 -> lieInHeader(in, random);
      case 6 -> lie(in, tables, 1, random);
      case 1 -> lie(in, tables, 3, random);
      case 3 -> lieInReference(in, tables, random);
      case 7 -> lieInIndex(in, tables, random);
      default -> flip(bytes, tables[0], tables[1], random);
    }
    return bytes;
  }

  /** Where the tables begin and end. */
  private static int[] tables(ByteBuffer in, String header) {
    return switch (header) {
      case "eh00" -> new int[] {HEADERS, (int) in.getLong(16)};
      case "FH01" -> new int[] {(int) in.getLong(16), (int) (in.getLong(16) + in.getLong(24))};
      default -> new int[] {0, in.limit()};
    };
  }

  private static void flip(byte[] bytes, int from, int to, Random random) {
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count && from < to; i++) {
      bytes[from + random.nextInt(to - from)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  private static void lieInHeader(ByteBuffer in, Random random) {
    int at = HEADER_FIELDS + 4 * random.nextInt((HEADERS - HEADER_FIELDS) / 4);
    in.putInt(at, LIES.get(random.nextInt(LIES.size())));
  }

  private static void lie(ByteBuffer in, int[] tables, int count, Random random) {
    for (int i = 0; i < count; i++) {
      in.putInt(word(tables, random), LIES.get(random.nextInt(LIES.size())));
    }
  }

  /** Small numbers are offsets, indices and lengths; they get a near or a far neighbor. */
  private static void lieInReference(ByteBuffer in, int[] tables, Random random) {
    for (int tries = 0; tries < 1000; tries++) {
      int at = word(tables, random);
      int value = in.getInt(at);
      if (value > 0 && value < in.limit()) {
        in.putInt(at, value + (random.nextBoolean() ? 4 : -4) * random.nextInt(value + 1));
        return;
      }
    }
  }

  /** Numbers below a thousand are indices more often than not: of values, operators, segments. */
  private static void lieInIndex(ByteBuffer in, int[] tables, Random random) {
    for (int tries = 0; tries < 1000; tries++) {
      int at = word(tables, random);
      if (in.getInt(at) >= 0 && in.getInt(at) < 1000) {
        in.putInt(at, random.nextInt(1000));
        return;
      }
    }
  }

  private static int word(int[] tables, Random random) {
    return tables[0] + 4 * random.nextInt((tables[1] - tables[0]) / 4);
  }
}
