package io.github.flinkexecutorch.llm.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The named character classes of regular expressions. Where dialects differ, a class here holds
 * what all of them agree on, so that a match here is a match for every validator.
 */
final class CharacterClasses {
  static final CharacterSet DIGIT = CharacterSet.of('0', '9');
  static final CharacterSet WORD =
      CharacterSet.of('a', 'z').or(CharacterSet.of('A', 'Z')).or(DIGIT).or(CharacterSet.of("_"));
  static final CharacterSet SPACE = CharacterSet.of(" \t\n\r\f\u000b");

  /** ASCII and Unicode white space: what {@code \s} means in one dialect or another. */
  static final CharacterSet ANY_SPACE =
      SPACE
          .or(CharacterSet.of("\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff\u0085\u180e"))
          .or(CharacterSet.of(0x2000, 0x200a))
          .or(CharacterSet.of(0x1c, 0x1f));

  /** What a dot matches. */
  static final CharacterSet NO_LINE_END = CharacterSet.of("\n\r\u2028\u2029\u0085").complement();

  /** The general categories of Unicode that {@link Character#getType(int)} tells. */
  private static final Map<String, Integer> CATEGORIES =
      Map.ofEntries(
          Map.entry("Lu", (int) Character.UPPERCASE_LETTER),
          Map.entry("Ll", (int) Character.LOWERCASE_LETTER),
          Map.entry("Lt", (int) Character.TITLECASE_LETTER),
          Map.entry("Lm", (int) Character.MODIFIER_LETTER),
          Map.entry("Lo", (int) Character.OTHER_LETTER),
          Map.entry("Mn", (int) Character.NON_SPACING_MARK),
          Map.entry("Mc", (int) Character.COMBINING_SPACING_MARK),
          Map.entry("Me", (int) Character.ENCLOSING_MARK),
          Map.entry("Nd", (int) Character.DECIMAL_DIGIT_NUMBER),
          Map.entry("Nl", (int) Character.LETTER_NUMBER),
          Map.entry("No", (int) Character.OTHER_NUMBER),
          Map.entry("Zs", (int) Character.SPACE_SEPARATOR),
          Map.entry("Pc", (int) Character.CONNECTOR_PUNCTUATION),
          Map.entry("Pd", (int) Character.DASH_PUNCTUATION),
          Map.entry("Ps", (int) Character.START_PUNCTUATION),
          Map.entry("Pe", (int) Character.END_PUNCTUATION),
          Map.entry("Pi", (int) Character.INITIAL_QUOTE_PUNCTUATION),
          Map.entry("Pf", (int) Character.FINAL_QUOTE_PUNCTUATION),
          Map.entry("Po", (int) Character.OTHER_PUNCTUATION),
          Map.entry("Sm", (int) Character.MATH_SYMBOL),
          Map.entry("Sc", (int) Character.CURRENCY_SYMBOL),
          Map.entry("Sk", (int) Character.MODIFIER_SYMBOL),
          Map.entry("So", (int) Character.OTHER_SYMBOL));

  private static final Map<String, CharacterSet> SETS = new ConcurrentHashMap<>();

  private CharacterClasses() {}

  /** The class of one escape letter, null if it names none. */
  static CharacterSet escaped(int letter) {
    return switch (letter) {
      case 'd' -> DIGIT;
      case 'D' -> DIGIT.complement();
      case 'w' -> WORD;
      case 'W' -> WORD.complement();
      case 's' -> SPACE;
      case 'S' -> ANY_SPACE.complement();
      default -> null;
    };
  }

  /**
   * A general category by its name, such as {@code L} or {@code Lu}, in the Unicode version of this
   * JVM; null if there is no such category.
   */
  static CharacterSet category(String name) {
    List<Integer> types =
        CATEGORIES.entrySet().stream()
            .filter(entry -> !name.isEmpty() && entry.getKey().startsWith(name))
            .map(Map.Entry::getValue)
            .toList();
    return types.isEmpty() ? null : SETS.computeIfAbsent(name, unused -> scan(types));
  }

  private static CharacterSet scan(List<Integer> types) {
    List<CharacterSet.Range> ranges = new ArrayList<>();
    int start = -1;
    for (int character = 0; character <= CharacterSet.MAX + 1; character++) {
      boolean inside =
          character <= CharacterSet.MAX && types.contains(Character.getType(character));
      if (inside && start < 0) {
        start = character;
      } else if (!inside && start >= 0) {
        ranges.add(new CharacterSet.Range(start, character - 1));
        start = -1;
      }
    }
    return new CharacterSet(ranges);
  }
}
