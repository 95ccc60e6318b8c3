package io.github.flinkexecutorch.llm.chat;

import static java.util.Map.entry;

import java.math.BigInteger;
import java.util.Map;

/** Filters on numbers and on values of any type. */
final class ValueFilters {
  static final Map<String, Function> ALL =
      Map.ofEntries(
          entry("default", ValueFilters::defaulted),
          entry("d", ValueFilters::defaulted),
          entry("length", ValueFilters::length),
          entry("count", ValueFilters::length),
          entry("attr", ValueFilters::attribute),
          entry("abs", ValueFilters::absolute),
          entry("int", ValueFilters::integer),
          entry("float", ValueFilters::real),
          entry("round", ValueFilters::round));

  private ValueFilters() {}

  private static Object defaulted(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "default_value", "boolean");
    Object value = given.get(0);
    boolean missing = value instanceof Undefined || (given.truth(2, false) && !Values.truth(value));
    return missing ? given.get(1, Text.EMPTY) : value;
  }

  private static Object length(Render render, Arguments arguments) {
    return Values.length(arguments.bind(1, "obj").get(0));
  }

  private static Object attribute(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "obj", "name");
    return Attributes.builtIn(given.get(0), given.text(1));
  }

  private static Object absolute(Render render, Arguments arguments) {
    Number number = Values.number(arguments.bind(1, "x").get(0));
    boolean negative = number.doubleValue() < 0;
    return negative ? Operators.negative(number) : number;
  }

  private static Object integer(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "default", "base");
    Object value = given.get(0);
    Object otherwise = given.get(1, 0L);
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Text text) {
      int base = (int) given.integer(2, 10);
      Object parsed = parsed(text.value(), base);
      value = parsed != null ? parsed : Numbers.parse(text.value());
    }
    if (value instanceof Double real) {
      return Math.abs(real) < 0x1p63 ? (Object) (long) (double) real : otherwise;
    }
    return Values.isNumber(value) ? Values.number(value) : otherwise;
  }

  /** Null if it is not an integer of that base. */
  private static Object parsed(String text, int base) {
    String digits = text.strip().replaceAll("(?<=[0-9a-zA-Z])_(?=[0-9a-zA-Z])", "");
    String prefix =
        switch (base) {
          case 16 -> "0[xX]";
          case 8 -> "0[oO]";
          case 2 -> "0[bB]";
          default -> "$^";
        };
    if (digits.length() > 100) {
      return null;
    }
    try {
      BigInteger parsed = new BigInteger(digits.replaceFirst("^([+-]?)" + prefix, "$1"), base);
      return parsed.bitLength() > 63 ? parsed : (Object) parsed.longValue();
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Object real(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "default");
    Object value = given.get(0);
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Text text) {
      value = Numbers.parse(text.value());
    }
    return Values.isNumber(value) ? Values.number(value).doubleValue() : given.get(1, 0.0);
  }

  private static Object round(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "precision", "method");
    Number number = Values.number(given.get(0));
    int precision = (int) Math.max(-400, Math.min(400, given.integer(1, 0)));
    String method = given.text(2, "common").value();
    if (method.equals("common")) {
      return number instanceof Double real ? (Object) Numbers.round(real, precision) : number;
    }
    double scale = Math.pow(10, precision);
    double scaled = number.doubleValue() * scale;
    return switch (method) {
      case "ceil" -> Math.ceil(scaled) / scale;
      case "floor" -> Math.floor(scaled) / scale;
      default -> throw new TemplateException("round() takes common, ceil or floor");
    };
  }
}
