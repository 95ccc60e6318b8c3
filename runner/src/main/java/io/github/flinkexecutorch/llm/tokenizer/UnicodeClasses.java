package io.github.flinkexecutorch.llm.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes regular expressions of any Java version see characters as tiktoken does, that is with the
 * classes of Unicode 16: Java 17 knows those of Unicode 13, and takes later letters for no letters.
 *
 * <p>The classes come from tiktoken itself, by {@code
 * models/flink_executorch_models/tokenizer_goldens/unicode_classes.py}.
 */
final class UnicodeClasses {
  private static final String RESOURCE = "unicode-16.txt";

  /** Categories in the order of the constants of {@link Character#getType}; 17 is no category. */
  private static final List<String> CATEGORIES =
      List.of(
          "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs", "Zl", "Zp",
          "Cc", "Cf", "", "Co", "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi",
          "Pf");

  private static final String SCRIPT = "Han";
  private static final int HAN = 0x40;
  private static final int BEYOND_LATIN = 0x250;

  /** Characters that Java sees otherwise, and who takes their place. */
  private static final Map<Integer, Integer> STAND_INS = standIns();

  private static final BitSet SEEN_OTHERWISE = new BitSet();

  static {
    STAND_INS.keySet().forEach(SEEN_OTHERWISE::set);
  }

  private UnicodeClasses() {}

  /**
   * A text of the same length to match instead: each character is in the classes that the character
   * of {@code text} at its place is in by Unicode 16.
   */
  static String shadow(String text) {
    if (text.codePoints().noneMatch(SEEN_OTHERWISE::get)) {
      return text;
    }
    StringBuilder shadow = new StringBuilder(text.length());
    text.codePoints()
        .forEach(point -> shadow.appendCodePoint(STAND_INS.getOrDefault(point, point)));
    return shadow.toString();
  }

  private static Map<Integer, Integer> standIns() {
    byte[] expected = read();
    byte[] java = new byte[expected.length];
    for (int point = 0; point < java.length; point++) {
      boolean han = Character.UnicodeScript.of(point) == Character.UnicodeScript.HAN;
      java[point] = (byte) (Character.getType(point) | (han ? HAN : 0));
    }
    Map<Integer, Integer> standIns = new HashMap<>();
    int[][] sameInBoth = firstOfEachClass(expected, java);
    for (int point = 0; point < java.length; point++) {
      if (expected[point] != java[point]) {
        int standIn = sameInBoth[Character.charCount(point) - 1][expected[point]];
        if (standIn != 0) {
          standIns.put(point, standIn);
        }
      }
    }
    return standIns;
  }

  /** By the number of chars less one, then by class; 0 if there is none. */
  private static int[][] firstOfEachClass(byte[] expected, byte[] java) {
    int[][] first = new int[2][2 * HAN];
    for (int point = BEYOND_LATIN; point < java.length; point++) {
      int[] ofThatLength = first[Character.charCount(point) - 1];
      if (expected[point] == java[point] && ofThatLength[java[point]] == 0) {
        ofThatLength[java[point]] = point;
      }
    }
    // These are unassigned for ever, the others only until some version.
    first[0][Character.UNASSIGNED] = 0xFDD0;
    first[1][Character.UNASSIGNED] = 0x1FFFE;
    return first;
  }

  private static byte[] read() {
    byte[] classes = new byte[Character.MAX_CODE_POINT + 1];
    Arrays.fill(classes, Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1, Character.SURROGATE);
    try (InputStream stream = UnicodeClasses.class.getResourceAsStream(RESOURCE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
      lines.lines().forEach(line -> add(classes, line.split(" ", -1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return classes;
  }

  private static void add(byte[] classes, String[] line) {
    int bits = line[0].equals(SCRIPT) ? HAN : CATEGORIES.indexOf(line[0]);
    for (String range : Arrays.asList(line).subList(1, line.length)) {
      String[] ends = range.split("-", -1);
      int last = Integer.parseInt(ends[ends.length - 1], 16);
      for (int point = Integer.parseInt(ends[0], 16); point <= last; point++) {
        classes[point] |= (byte) bits;
      }
    }
  }
}
