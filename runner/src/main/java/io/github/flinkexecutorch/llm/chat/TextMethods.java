package io.github.flinkexecutorch.llm.chat;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/** The methods of strings. */
final class TextMethods {
  static final Map<String, Function> ALL =
      Map.ofEntries(
          entry("strip", (render, arguments) -> strip(arguments, true, true)),
          entry("lstrip", (render, arguments) -> strip(arguments, true, false)),
          entry("rstrip", (render, arguments) -> strip(arguments, false, true)),
          entry("startswith", (render, arguments) -> matches(render, arguments, true)),
          entry("endswith", (render, arguments) -> matches(render, arguments, false)),
          entry("split", TextMethods::split),
          entry("rsplit", TextMethods::splitFromEnd),
          entry("splitlines", TextMethods::splitLines),
          entry("partition", (render, arguments) -> partition(arguments, false)),
          entry("rpartition", (render, arguments) -> partition(arguments, true)),
          entry("replace", TextMethods::replace),
          entry("join", TextMethods::join),
          entry("upper", mapping(Characters::upper)),
          entry("lower", mapping(Characters::lower)),
          entry("casefold", mapping(Characters::lower)),
          entry("title", mapping(Characters::title)),
          entry("capitalize", mapping(Characters::capitalize)),
          entry("swapcase", mapping(Characters::swapCase)),
          entry("removeprefix", (render, arguments) -> remove(arguments, true)),
          entry("removesuffix", (render, arguments) -> remove(arguments, false)),
          entry("find", (render, arguments) -> find(arguments, false)),
          entry("rfind", (render, arguments) -> find(arguments, true)),
          entry("index", (render, arguments) -> present(find(arguments, false))),
          entry("rindex", (render, arguments) -> present(find(arguments, true))),
          entry("count", TextMethods::count),
          entry("isdigit", property(Characters::isDigit)),
          entry("isdecimal", property(Character::isDigit)),
          entry("isnumeric", property(Characters::isNumeric)),
          entry("isalpha", property(Character::isLetter)),
          entry("isalnum", property(Characters::isLetterOrNumber)),
          entry("isspace", property(Characters::isSpace)),
          entry("isupper", cased(Character::isUpperCase, Character::isLowerCase)),
          entry("islower", cased(Character::isLowerCase, Character::isUpperCase)),
          entry("zfill", TextMethods::fillWithZeros),
          entry("ljust", (render, arguments) -> justify(render, arguments, 0)),
          entry("rjust", (render, arguments) -> justify(render, arguments, 1)),
          entry("center", (render, arguments) -> justify(render, arguments, 2)));

  private TextMethods() {}

  private static Function mapping(UnaryOperator<String> mapping) {
    return (render, arguments) -> arguments.bind(1, "self").text(0).mapped(mapping);
  }

  private static Function property(IntPredicate property) {
    return (render, arguments) -> Characters.all(arguments.bind(1, "self").text(0), property);
  }

  private static Function cased(IntPredicate inCase, IntPredicate otherCase) {
    return (render, arguments) ->
        Characters.allOfCase(arguments.bind(1, "self").text(0), inCase, otherCase);
  }

  private static Object strip(Arguments arguments, boolean left, boolean right) {
    Arguments.Bound given = arguments.bind(1, "self", "chars");
    return Splits.strip(given.text(0), given.get(1), left, right);
  }

  private static Object matches(Render render, Arguments arguments, boolean start) {
    Arguments.Bound given = arguments.bind(2, "self", "prefix", "start", "end");
    Text text = (Text) Operators.slice(render, given.text(0), given.get(2), given.get(3), null);
    boolean several = given.get(1) instanceof Series series && series.kind() == Series.Kind.TUPLE;
    List<Object> parts = several ? Values.items(render, given.get(1)) : List.of(given.text(1));
    for (Object part : parts) {
      String wanted = Arguments.of(part).bind(1, "prefix").text(0).value();
      if (start ? text.value().startsWith(wanted) : text.value().endsWith(wanted)) {
        return true;
      }
    }
    return false;
  }

  private static Object split(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "self", "sep", "maxsplit");
    return Splits.split(render, given.text(0), given.get(1), given.integer(2, -1));
  }

  private static Object splitFromEnd(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "self", "sep", "maxsplit");
    return Splits.splitFromEnd(render, given.text(0), given.get(1), given.integer(2, -1));
  }

  private static Object splitLines(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "self", "keepends");
    return Splits.lines(render, given.text(0), given.truth(1, false));
  }

  private static Object partition(Arguments arguments, boolean last) {
    Arguments.Bound given = arguments.bind(2, "self", "sep");
    return Splits.partition(given.text(0), given.text(1), last);
  }

  private static Object replace(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(3, "self", "old", "new", "count");
    return Splits.replace(
        render, given.text(0), given.text(1), given.text(2), given.integer(3, -1));
  }

  private static Object join(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "self", "iterable");
    List<Object> items = Values.items(render, given.get(1));
    items.forEach(item -> Arguments.of(item).bind(1, "item").text(0));
    return Splits.join(render, given.text(0), items);
  }

  private static Object remove(Arguments arguments, boolean prefix) {
    Arguments.Bound given = arguments.bind(2, "self", "part");
    Text text = given.text(0);
    String part = given.text(1).value();
    if (prefix) {
      return text.value().startsWith(part) ? text.slice(part.length(), text.length()) : text;
    }
    return text.value().endsWith(part) ? text.slice(0, text.length() - part.length()) : text;
  }

  private static long find(Arguments arguments, boolean last) {
    Arguments.Bound given = arguments.bind(2, "self", "sub");
    String text = given.text(0).value();
    String part = given.text(1).value();
    int at = last ? Search.lastIndexOf(text, part, text.length()) : Search.indexOf(text, part, 0);
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  private static long present(long place) {
    if (place < 0) {
      throw new TemplateException("index() does not find the text");
    }
    return place;
  }

  private static Object count(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "self", "sub");
    if (given.text(1).length() == 0) {
      return given.text(0).codePoints() + 1L;
    }
    return Splits.split(render, given.text(0), given.text(1), -1).size() - 1L;
  }

  private static Object fillWithZeros(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "self", "width");
    Text text = given.text(0);
    int sign = text.value().startsWith("-") || text.value().startsWith("+") ? 1 : 0;
    Text zeros =
        Operators.repeat(render, Text.written("0"), given.integer(1, 0) - text.codePoints());
    return render
        .builder()
        .append(text, 0, sign)
        .append(zeros)
        .append(text, sign, text.length())
        .build();
  }

  /** Padded on the right (0), on the left (1), or on both sides (2). */
  private static Object justify(Render render, Arguments arguments, int side) {
    Arguments.Bound given = arguments.bind(2, "self", "width", "fillchar");
    Text text = given.text(0);
    Text fill = given.text(2, " ");
    if (fill.codePoints() != 1) {
      throw new TemplateException("a fill character must be one character");
    }
    long width = given.integer(1, 0);
    long padding = Math.max(0, width - text.codePoints());
    long left = side == 2 ? padding / 2 + (padding & width & 1) : side * padding;
    return render
        .builder()
        .append(Operators.repeat(render, fill, left))
        .append(text)
        .append(Operators.repeat(render, fill, padding - left))
        .build();
  }
}
