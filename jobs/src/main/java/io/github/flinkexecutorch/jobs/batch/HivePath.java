package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.runtime.Sha256;

/**
 * Folder names as Hive, Spark and others read them: {@code key=value}. Whatever the value is, its
 * folder lies where it shall and two values have two folders.
 */
final class HivePath {
  /** What Hive calls a value that is missing or empty. */
  static final String NO_VALUE = "__HIVE_DEFAULT_PARTITION__";

  private static final String ESCAPED = "\"#%'*/:=?\\{}[]^<>|~";
  private static final int MOST_BYTES = 160; // of 255 that a name may have
  private static final int KEPT_CHARACTERS = 32;
  private static final int DIGEST_CHARACTERS = 16;

  /**
   * The folder of a value.
   *
   * @param value {@code null} if there is none
   */
  static String of(String key, String value) {
    return escaped(key) + "=" + (value == null || value.isEmpty() ? NO_VALUE : bounded(value));
  }

  private static String bounded(String value) {
    if (value.equals(NO_VALUE)) {
      return "%5F" + value.substring(1);
    }
    String name = escaped(value);
    if (name.getBytes(UTF_8).length <= MOST_BYTES) {
      return name;
    }
    String beginning = value.substring(0, Math.min(value.length(), KEPT_CHARACTERS));
    return escaped(beginning)
        + "~"
        + Sha256.hex(name.getBytes(UTF_8)).substring(0, DIGEST_CHARACTERS);
  }

  private static String escaped(String text) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean atEnd = i == text.length() - 1; // where file systems lose spaces and dots
      if (c < ' '
          || c == 0x7f
          || ESCAPED.indexOf(c) >= 0
          || (atEnd && (c == ' ' || c == '.'))
          || isLoneSurrogate(text, i)) {
        name.append("%%%02X".formatted((int) c));
      } else {
        name.append(c);
      }
    }
    return name.toString();
  }

  private static boolean isLoneSurrogate(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }

  private HivePath() {}
}
