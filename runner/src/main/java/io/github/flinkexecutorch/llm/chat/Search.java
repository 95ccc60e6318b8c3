package io.github.flinkexecutorch.llm.chat;

/** Finds text in text in time proportional to both, whatever they are. */
final class Search {
  private static final int SHORT = 64;

  private Search() {}

  /** The first place from {@code from} on, or -1. */
  static int indexOf(String text, String part, int from) {
    if (part.length() <= SHORT) {
      return text.indexOf(part, from);
    }
    int[] borders = borders(part);
    int matched = 0;
    for (int at = from; at < text.length(); at++) {
      while (matched > 0 && text.charAt(at) != part.charAt(matched)) {
        matched = borders[matched - 1];
      }
      if (text.charAt(at) == part.charAt(matched) && ++matched == part.length()) {
        return at - matched + 1;
      }
    }
    return -1;
  }

  /** The last place that ends at or before {@code end}, or -1. */
  static int lastIndexOf(String text, String part, int end) {
    if (part.length() <= SHORT) {
      return text.lastIndexOf(part, end - part.length());
    }
    int found = indexOf(reversed(text.substring(0, end)), reversed(part), 0);
    return found < 0 ? -1 : end - found - part.length();
  }

  /** By UTF-16 units: {@code StringBuilder.reverse} would keep surrogate pairs together. */
  private static String reversed(String text) {
    char[] units = new char[text.length()];
    for (int at = 0; at < units.length; at++) {
      units[at] = text.charAt(units.length - 1 - at);
    }
    return new String(units);
  }

  /**
   * Length of the longest proper prefix of each prefix that is also its suffix (Knuth, Morris,
   * Pratt).
   */
  private static int[] borders(String part) {
    int[] borders = new int[part.length()];
    int matched = 0;
    for (int at = 1; at < part.length(); at++) {
      while (matched > 0 && part.charAt(at) != part.charAt(matched)) {
        matched = borders[matched - 1];
      }
      if (part.charAt(at) == part.charAt(matched)) {
        matched++;
      }
      borders[at] = matched;
    }
    return borders;
  }
}
