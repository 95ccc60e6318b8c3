package io.github.flinkexecutorch.llm.chat;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Filters on text; most take anything and print it first. */
final class TextFilters {
  private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  static final Map<String, Function> ALL =
      Map.ofEntries(
          entry("upper", mapping(Characters::upper)),
          entry("lower", mapping(Characters::lower)),
          entry("capitalize", mapping(Characters::capitalize)),
          entry("title", mapping(TextFilters::title)),
          entry("escape", mapping(TextFilters::escape)),
          entry("e", mapping(TextFilters::escape)),
          entry("safe", mapping(text -> text)),
          entry("string", mapping(text -> text)),
          entry("trim", TextFilters::trim),
          entry("replace", TextFilters::replace),
          entry("indent", TextFilters::indent),
          entry("center", TextFilters::center),
          entry("truncate", TextFilters::truncate),
          entry("wordcount", TextFilters::countWords),
          entry("format", TextFilters::format),
          entry("tojson", Json::dump));

  private TextFilters() {}

  private static Function mapping(UnaryOperator<String> mapping) {
    return (render, arguments) -> arguments.bind(1, "s").printed(render, 0).mapped(mapping);
  }

  /** Words begin after white space, hyphens and opening brackets only, unlike {@code str.title}. */
  private static String title(String text) {
    StringBuilder title = new StringBuilder();
    boolean start = true;
    for (int c : text.codePoints().toArray()) {
      boolean boundary = Characters.isSpace(c) || "-({[<".indexOf(c) >= 0;
      String one = Character.toString(c);
      title.append(start && !boundary ? Characters.upper(one) : Characters.lower(one));
      start = boundary;
    }
    return title.toString();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace(">", "&gt;")
        .replace("<", "&lt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }

  private static Object trim(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "chars");
    return Splits.strip(given.printed(render, 0), given.get(1), true, true);
  }

  private static Object replace(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(3, "s", "old", "new", "count");
    long count = given.get(3) == null ? -1 : given.integer(3, -1);
    return Splits.replace(
        render,
        given.printed(render, 0),
        given.printed(render, 1),
        given.printed(render, 2),
        count);
  }

  private static Object indent(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "s", "width", "first", "blank");
    Text indentation =
        given.get(1) instanceof Text text
            ? text
            : Operators.repeat(render, Text.written(" "), given.integer(1, 4));
    Text text = render.builder().append(given.text(0)).append("\n", false).build();
    List<Object> lines = Splits.lines(render, text, false);
    Text.Builder indented = render.builder();
    for (int at = 0; at < lines.size(); at++) {
      Text line = (Text) lines.get(at);
      boolean indents =
          at == 0 ? given.truth(2, false) : line.length() > 0 || given.truth(3, false);
      indented.append(at == 0 ? "" : "\n", false);
      indented.append(indents ? indentation : Text.EMPTY).append(line);
    }
    return indented.build();
  }

  private static Object center(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "width");
    return TextMethods.ALL
        .get("center")
        .call(render, Arguments.of(given.printed(render, 0), given.integer(1, 80)));
  }

  private static Object truncate(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "s", "length", "killwords", "end", "leeway");
    Text text = given.text(0);
    Text end = given.text(3, "...");
    long length = given.integer(1, 255);
    if (length < end.codePoints() || given.integer(4, 5) < 0) {
      throw new TemplateException("truncate() gets a length shorter than its end");
    }
    if (text.codePoints() <= length + given.integer(4, 5)) {
      return text;
    }
    Text kept = text.codePoints(0, (int) length - end.codePoints());
    int space = given.truth(2, false) ? -1 : kept.value().lastIndexOf(' ');
    return render.builder().append(space < 0 ? kept : kept.slice(0, space)).append(end).build();
  }

  private static Object countWords(Render render, Arguments arguments) {
    return WORD.matcher(arguments.bind(1, "s").printed(render, 0).value()).results().count();
  }

  private static Object format(Render render, Arguments arguments) {
    if (!arguments.named().isEmpty()) {
      throw new TemplateException("format() with named values is not supported");
    }
    Text format = Arguments.of(arguments.values().get(0)).bind(1, "value").printed(render, 0);
    List<Object> values = new ArrayList<>(arguments.from(1).values());
    return Formats.percent(render, format, new Series(Series.Kind.TUPLE, values));
  }
}
