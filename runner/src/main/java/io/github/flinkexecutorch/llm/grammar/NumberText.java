package io.github.flinkexecutorch.llm.grammar;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * The text of numbers between bounds. Exact: a text is accepted if and only if its value lies
 * between them, it has no more digits than {@link GrammarLimits} allows, and (with a bound) no
 * exponent.
 */
final class NumberText {
  /** More digits than this in a bound are no bound that a model needs. */
  private static final int MAX_BOUND_DIGITS = 40;

  private static final CharacterSet DIGIT = CharacterClasses.DIGIT;
  private static final String MAGNITUDE =
      "(?:0|[1-9][0-9]{0,"
          + (GrammarLimits.NUMBER_DIGITS - 1)
          + "})(?:\\.[0-9]{1,"
          + GrammarLimits.NUMBER_DIGITS
          + "})?";

  private final boolean integer;
  private final int digits;

  private NumberText(boolean integer) {
    this.integer = integer;
    this.digits = integer ? GrammarLimits.INTEGER_DIGITS : GrammarLimits.NUMBER_DIGITS;
  }

  /**
   * A bound of a number.
   *
   * @param inclusive whether the value itself is allowed
   */
  record Bound(BigDecimal value, boolean inclusive) {
    Bound {
      if (value.precision() > MAX_BOUND_DIGITS || Math.abs(value.scale()) > MAX_BOUND_DIGITS) {
        throw GrammarLimits.invalid(
            "A bound of a number has more than " + MAX_BOUND_DIGITS + " digits; round it");
      }
    }
  }

  /**
   * Numbers within all bounds.
   *
   * @param integer whether they have neither fraction nor exponent
   */
  static Expression between(boolean integer, List<Bound> lower, List<Bound> upper) {
    NumberText text = new NumberText(integer);
    if (lower.isEmpty() && upper.isEmpty()) {
      return text.unbounded();
    }
    Automaton numbers = CharacterAutomaton.of(text.withoutExponent());
    for (Bound bound : lower) {
      numbers = intersect(numbers, text.atLeast(bound));
    }
    for (Bound bound : upper) {
      numbers = intersect(numbers, text.atMost(bound));
    }
    return Expression.of(numbers);
  }

  private static Automaton intersect(Automaton numbers, Expression bound) {
    return CharacterAutomaton.determinize(
        Operations.intersection(numbers, CharacterAutomaton.of(bound)));
  }

  private Expression unbounded() {
    return integer
        ? withoutExponent()
        : RegexParser.parseWhole("-?" + MAGNITUDE + "(?:[eE][+-]?[0-9]{1,2})?");
  }

  private Expression withoutExponent() {
    return RegexParser.parseWhole(
        integer ? "0|-?[1-9][0-9]{0," + (digits - 1) + "}" : "-?" + MAGNITUDE);
  }

  private Expression atLeast(Bound bound) {
    if (bound.value.signum() >= 0) {
      return magnitudeAtLeast(bound);
    }
    return Expression.choice(anyMagnitude(), negative(magnitudeAtMost(negated(bound))));
  }

  private Expression atMost(Bound bound) {
    if (bound.value.signum() < 0 || (bound.value.signum() == 0 && !bound.inclusive)) {
      return negative(magnitudeAtLeast(negated(bound)));
    }
    return Expression.choice(magnitudeAtMost(bound), negative(anyMagnitude()));
  }

  private static Bound negated(Bound bound) {
    return new Bound(bound.value.negate(), bound.inclusive);
  }

  private static Expression negative(Expression magnitude) {
    return Expression.sequence(Expression.literal("-"), magnitude);
  }

  private Expression anyMagnitude() {
    return Expression.sequence(
        Expression.choice(
            Expression.literal("0"),
            Expression.sequence(digitsBetween('1', '9'), anyDigits(0, digits - 1))),
        anyFraction());
  }

  private Expression magnitudeAtLeast(Bound bound) {
    String whole = whole(bound);
    return Expression.choice(
        Expression.sequence(wholeAbove(whole), anyFraction()),
        Expression.sequence(
            Expression.literal(whole), fractionAtLeast(fraction(bound), bound.inclusive)));
  }

  private Expression magnitudeAtMost(Bound bound) {
    String whole = whole(bound);
    return Expression.choice(
        Expression.sequence(wholeBelow(whole), anyFraction()),
        Expression.sequence(
            Expression.literal(whole), fractionAtMost(fraction(bound), bound.inclusive)));
  }

  private Expression wholeAbove(String whole) {
    List<Expression> larger = new ArrayList<>();
    for (int i = 0; i < whole.length(); i++) {
      larger.add(differing(whole, i, whole.charAt(i) + 1, '9', whole.length() - 1 - i));
    }
    if (whole.length() < digits) {
      larger.add(
          Expression.sequence(digitsBetween('1', '9'), anyDigits(whole.length(), digits - 1)));
    }
    return Expression.choice(larger);
  }

  private static Expression wholeBelow(String whole) {
    List<Expression> smaller = new ArrayList<>();
    for (int i = 0; i < whole.length(); i++) {
      int least = i == 0 && whole.length() > 1 ? '1' : '0';
      smaller.add(differing(whole, i, least, whole.charAt(i) - 1, whole.length() - 1 - i));
    }
    if (whole.length() > 1) {
      smaller.add(Expression.literal("0"));
      smaller.add(Expression.sequence(digitsBetween('1', '9'), anyDigits(0, whole.length() - 2)));
    }
    return Expression.choice(smaller);
  }

  /** Digits that are those of {@code text} up to one place, and others there. */
  private static Expression differing(String text, int place, int min, int max, int rest) {
    return Expression.sequence(
        Expression.literal(text.substring(0, place)),
        digitsBetween(min, max),
        anyDigits(rest, rest));
  }

  private Expression fractionAtLeast(String fraction, boolean inclusive) {
    if (fraction.isEmpty() && inclusive) {
      return anyFraction();
    }
    List<Expression> larger = new ArrayList<>();
    for (int i = 0; i < fraction.length(); i++) {
      larger.add(
          Expression.sequence(
              Expression.literal(fraction.substring(0, i)),
              digitsBetween(fraction.charAt(i) + 1, '9'),
              anyDigits(0, digits)));
    }
    Expression more =
        Expression.sequence(
            Expression.repeat(Expression.literal("0"), 0, digits),
            digitsBetween('1', '9'),
            anyDigits(0, digits));
    larger.add(
        Expression.sequence(Expression.literal(fraction), inclusive ? anyDigits(0, digits) : more));
    return Expression.sequence(Expression.literal("."), Expression.choice(larger));
  }

  private Expression fractionAtMost(String fraction, boolean inclusive) {
    Expression zeros = Expression.repeat(Expression.literal("0"), 0, digits);
    if (fraction.isEmpty()) {
      return inclusive
          ? Expression.optional(
              Expression.sequence(Expression.literal("."), Expression.literal("0"), zeros))
          : Expression.NEVER;
    }
    List<Expression> smaller = new ArrayList<>();
    for (int i = 0; i < fraction.length(); i++) {
      Expression prefix = Expression.literal(fraction.substring(0, i));
      smaller.add(
          Expression.sequence(
              prefix, digitsBetween('0', fraction.charAt(i) - 1), anyDigits(0, digits)));
      if (i > 0) {
        smaller.add(prefix); // the last digit is not 0, so that less of them is a smaller number
      }
    }
    if (inclusive) {
      smaller.add(Expression.sequence(Expression.literal(fraction), zeros));
    }
    return Expression.optional(
        Expression.sequence(Expression.literal("."), Expression.choice(smaller)));
  }

  private Expression anyFraction() {
    return Expression.optional(Expression.sequence(Expression.literal("."), anyDigits(1, digits)));
  }

  private static Expression anyDigits(int min, int max) {
    return Expression.repeat(Expression.characters(DIGIT), min, max);
  }

  private static Expression digitsBetween(int min, int max) {
    return min > max ? Expression.NEVER : Expression.characters(CharacterSet.of(min, max));
  }

  private static String whole(Bound bound) {
    return bound.value.abs().setScale(0, RoundingMode.DOWN).toPlainString();
  }

  /** The digits behind the point, without zeros at their end. */
  private static String fraction(Bound bound) {
    String text = bound.value.abs().stripTrailingZeros().toPlainString();
    int point = text.indexOf('.');
    return point < 0 ? "" : text.substring(point + 1);
  }
}
