package io.github.flinkexecutorch.llm.grammar;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads a regular expression of the subset that Java, Python and ECMAScript share: characters,
 * {@code .}, classes, {@code \d \w \s}, general categories {@code \p{Lu}}, groups, alternatives,
 * quantifiers (lazy ones too: they match the same texts), and {@code ^} and {@code $} at the ends.
 *
 * <p>What is not regular (references, lookaround) or differs between the dialects is refused with
 * its name and position.
 */
final class RegexParser {
  private static final int MAX_REPETITIONS = 10_000;

  private final String text;
  private final Expression around;
  private int position;
  private int depth;

  private RegexParser(String text, Expression around) {
    this.text = text;
    this.around = around;
  }

  /** An expression that the whole text has to match; anchors at its ends change nothing. */
  static Expression parseWhole(String regex) {
    return new RegexParser(regex, Expression.EMPTY).parse();
  }

  /** An expression that some part of the text has to match, as {@code pattern} of JSON schema. */
  static Expression parseAnywhere(String regex) {
    Expression anything = Expression.repeat(Expression.characters(CharacterSet.ANY), 0, -1);
    return new RegexParser(regex, anything).parse();
  }

  private Expression parse() {
    if (text.length() > GrammarLimits.MAX_GRAMMAR_LENGTH) {
      throw GrammarLimits.invalid(
          "The regular expression has "
              + text.length()
              + " characters; at most "
              + GrammarLimits.MAX_GRAMMAR_LENGTH
              + " are compiled");
    }
    List<Expression> alternatives = new ArrayList<>();
    do {
      Expression before = accept("^") ? Expression.EMPTY : around;
      Expression body = sequence();
      Expression after = accept("$") ? Expression.EMPTY : around;
      alternatives.add(Expression.sequence(before, body, after));
    } while (accept("|"));
    if (!atEnd()) {
      throw unsupported(peek() == ')' ? "a closing parenthesis without its group" : "this place");
    }
    return Expression.choice(alternatives);
  }

  private Expression group() {
    if (accept("?")) {
      groupKind();
    }
    if (++depth > GrammarLimits.MAX_NESTING) {
      throw unsupported("more than " + GrammarLimits.MAX_NESTING + " groups in each other");
    }
    List<Expression> alternatives = new ArrayList<>();
    do {
      alternatives.add(sequence());
    } while (accept("|"));
    if (!accept(")")) {
      throw unsupported(atEnd() ? "a group without its end" : "an anchor inside a group");
    }
    depth--;
    return Expression.choice(alternatives);
  }

  /** Skips what makes a group a group without number, or names it. */
  private void groupKind() {
    if (accept(":")) {
      return;
    }
    for (String look : List.of("=", "!", "<=", "<!")) {
      if (text.startsWith(look, position)) {
        throw unsupported(look.startsWith("<") ? "lookbehind" : "lookahead");
      }
    }
    int end = text.indexOf('>', position);
    if (end < 0 || !(accept("<") || accept("P<"))) {
      throw unsupported("a group with flags, or an atomic group");
    }
    position = end + 1;
  }

  private Expression sequence() {
    List<Expression> parts = new ArrayList<>();
    while (!atEnd() && "|)$".indexOf(peek()) < 0) {
      parts.add(quantified(atom()));
    }
    return Expression.sequence(parts);
  }

  private Expression atom() {
    int start = position;
    int character = next();
    return switch (character) {
      case '(' -> group();
      case '[' -> Expression.characters(characterClass());
      case '.' -> Expression.characters(CharacterClasses.NO_LINE_END);
      case '\\' -> Expression.characters(escape());
      case '^' -> throw unsupported("an anchor that is not at an end", start);
      case '*', '+', '?', '{' ->
          throw unsupported(
              "a quantifier with nothing before it (for the character, escape it)", start);
      default -> Expression.characters(CharacterSet.of(character, character));
    };
  }

  private Expression quantified(Expression atom) {
    int start = position;
    int min;
    int max;
    if (accept("*")) {
      min = 0;
      max = -1;
    } else if (accept("+")) {
      min = 1;
      max = -1;
    } else if (accept("?")) {
      min = 0;
      max = 1;
    } else if (accept("{")) {
      min = number(start);
      max = !accept(",") ? min : !atEnd() && peek() == '}' ? -1 : number(start);
      if (!accept("}") || (max >= 0 && max < min)) {
        throw unsupported("a malformed quantifier (for the character {, escape it)", start);
      }
    } else {
      return atom;
    }
    if (accept("+")) {
      throw unsupported("a possessive quantifier", start);
    }
    accept("?");
    if (!atEnd() && "*+?{".indexOf(peek()) >= 0) {
      throw unsupported("a quantifier behind a quantifier");
    }
    return Expression.repeat(atom, min, max);
  }

  private int number(int start) {
    int from = position;
    while (!atEnd() && peek() >= '0' && peek() <= '9') {
      position++;
    }
    if (position == from || position - from > 5) {
      throw unsupported("a quantifier without a number, or above " + MAX_REPETITIONS, start);
    }
    int number = Integer.parseInt(text.substring(from, position));
    if (number > MAX_REPETITIONS) {
      throw unsupported("a quantifier above " + MAX_REPETITIONS, start);
    }
    return number;
  }

  private CharacterSet characterClass() {
    int start = position - 1;
    boolean negated = accept("^");
    CharacterSet set = new CharacterSet(List.of());
    while (!accept("]")) {
      if (atEnd()) {
        throw unsupported("a character class without its end", start);
      }
      set = set.or(classItem());
    }
    if (set.isEmpty()) {
      throw unsupported("an empty character class", start);
    }
    return negated ? set.complement() : set;
  }

  private CharacterSet classItem() {
    int start = position;
    CharacterSet first = classCharacter();
    boolean range = text.startsWith("-", position) && !text.startsWith("-]", position);
    if (!range) {
      return first;
    }
    position++;
    CharacterSet last = classCharacter();
    if (!isSingle(first) || !isSingle(last) || min(first) > min(last)) {
      throw unsupported("a range between classes, or from a higher to a lower character", start);
    }
    return CharacterSet.of(min(first), min(last));
  }

  private CharacterSet classCharacter() {
    int start = position;
    if (atEnd()) {
      throw unsupported("a character class without its end");
    }
    if (text.startsWith("[", position) || text.startsWith("&&", position)) {
      throw unsupported("a class inside a class (for the character, escape it)");
    }
    int character = next();
    if (character != '\\') {
      return CharacterSet.of(character, character);
    }
    return accept("b") ? refuseBackspace(start) : escape();
  }

  private CharacterSet refuseBackspace(int start) {
    throw unsupported("\\b in a character class (use \\x08)", start);
  }

  private CharacterSet escape() {
    int start = position - 1;
    if (atEnd()) {
      throw unsupported("a backslash with nothing behind it", start);
    }
    int letter = next();
    CharacterSet named = CharacterClasses.escaped(letter);
    if (named != null) {
      return named;
    }
    return switch (letter) {
      case 'p' -> category(start);
      case 'P' -> category(start).complement();
      case 't' -> CharacterSet.of("\t");
      case 'n' -> CharacterSet.of("\n");
      case 'r' -> CharacterSet.of("\r");
      case 'f' -> CharacterSet.of("\f");
      case 'v' -> CharacterSet.of("\u000b");
      case 'x' -> hexadecimal(2, start);
      case 'u' -> hexadecimal(4, start);
      case 'b', 'B' -> throw unsupported("a word boundary", start);
      case 'k' -> throw unsupported("a backreference", start);
      default -> {
        if (letter >= '1' && letter <= '9') {
          throw unsupported("a backreference", start);
        }
        if (letter < 128 && Character.isLetterOrDigit(letter)) {
          throw unsupported("the escape \\" + Character.toString(letter), start);
        }
        yield CharacterSet.of(letter, letter);
      }
    };
  }

  private CharacterSet category(int start) {
    int end = text.indexOf('}', position);
    if (end > 0 && accept("{")) {
      CharacterSet set = CharacterClasses.category(text.substring(position, end));
      position = end + 1;
      if (set != null) {
        return set;
      }
    }
    throw unsupported("a Unicode property that is no general category such as \\p{Lu}", start);
  }

  private CharacterSet hexadecimal(int digits, int start) {
    String value = text.substring(position, Math.min(text.length(), position + digits));
    if (!value.toLowerCase(Locale.ROOT).matches("[0-9a-f]{" + digits + "}")) {
      throw unsupported("an escape without its " + digits + " hexadecimal digits", start);
    }
    position += digits;
    int character = Integer.parseInt(value, 16);
    return CharacterSet.of(character, character);
  }

  private static boolean isSingle(CharacterSet set) {
    return set.ranges().size() == 1 && set.ranges().get(0).min() == set.ranges().get(0).max();
  }

  private static int min(CharacterSet set) {
    return set.ranges().get(0).min();
  }

  private boolean atEnd() {
    return position >= text.length();
  }

  private int peek() {
    return text.codePointAt(position);
  }

  private int next() {
    int character = peek();
    position += Character.charCount(character);
    return character;
  }

  private boolean accept(String expected) {
    boolean matches = text.startsWith(expected, position);
    position += matches ? expected.length() : 0;
    return matches;
  }

  private InvalidRequestException unsupported(String what) {
    return unsupported(what, position);
  }

  private InvalidRequestException unsupported(String what, int at) {
    return GrammarLimits.invalid(
        "The regular expression has " + what + " at position " + at + ", which is not supported");
  }
}
