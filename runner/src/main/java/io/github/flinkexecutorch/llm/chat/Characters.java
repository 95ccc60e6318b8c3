package io.github.flinkexecutorch.llm.chat;

import java.util.Locale;
import java.util.function.IntPredicate;

/** Python's view of characters. */
final class Characters {
  private Characters() {}

  /** As {@code str.isspace}. */
  static boolean isSpace(int c) {
    return (c >= 0x09 && c <= 0x0d)
        || (c >= 0x1c && c <= 0x20)
        || c == 0x85
        || c == 0xa0
        || (c > 0xa0 && Character.isSpaceChar(c));
  }

  /** As {@code str.splitlines} breaks lines. */
  static boolean isLineBreak(int c) {
    return (c >= 0x0a && c <= 0x0d)
        || (c >= 0x1c && c <= 0x1e)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  /** Decimal digits, and those raised or lowered. */
  static boolean isDigit(int c) {
    return Character.isDigit(c)
        || "\u00b2\u00b3\u00b9\u2070".indexOf(c) >= 0
        || (c >= 0x2074 && c <= 0x2079)
        || (c >= 0x2080 && c <= 0x2089);
  }

  static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return Character.isDigit(c)
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  static boolean isLetterOrNumber(int c) {
    return Character.isLetter(c) || isNumeric(c);
  }

  static boolean all(Text text, IntPredicate property) {
    return text.length() > 0 && text.value().codePoints().allMatch(property);
  }

  /** Whether there are letters with a case, all of this one. */
  static boolean allOfCase(Text text, IntPredicate inCase, IntPredicate otherCase) {
    return text.value().codePoints().anyMatch(inCase)
        && text.value().codePoints().noneMatch(c -> otherCase.test(c) || Character.isTitleCase(c));
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** The first character in title case, the others in lower case. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int rest = text.offsetByCodePoints(0, 1);
    String first = upper(text.substring(0, rest));
    return first.substring(0, first.offsetByCodePoints(0, 1))
        + lower(first.substring(first.offsetByCodePoints(0, 1)) + text.substring(rest));
  }

  /** As {@code str.title}: a letter after anything but a letter is a capital. */
  static String title(String text) {
    StringBuilder title = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      title.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }
    return title.toString();
  }

  static String swapCase(String text) {
    StringBuilder swapped = new StringBuilder();
    text.codePoints()
        .mapToObj(Character::toString)
        .forEach(
            c -> swapped.append(Character.isUpperCase(c.codePointAt(0)) ? lower(c) : upper(c)));
    return swapped.toString();
  }
}
