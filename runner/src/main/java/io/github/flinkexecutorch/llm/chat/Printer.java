package io.github.flinkexecutorch.llm.chat;

import java.util.List;
import java.util.Map;

/**
 * Values as Python prints them: {@code str()} outside, {@code repr()} inside of lists and dicts.
 */
final class Printer {
  private final Text.Builder out;
  private final int maxDepth;

  private Printer(Text.Builder out) {
    this.out = out;
    this.maxDepth = Data.MAX_DEPTH;
  }

  static Text print(Render render, Object value) {
    if (value instanceof Text text) {
      return text;
    }
    if (value instanceof Undefined) {
      return Text.EMPTY;
    }
    return represent(render, value);
  }

  static Text represent(Render render, Object value) {
    Printer printer = new Printer(render.builder());
    printer.put(value, 0);
    return printer.out.build();
  }

  private void put(Object value, int depth) {
    if (depth > maxDepth) {
      throw new TemplateException("a value nested deeper than " + maxDepth + " is printed");
    }
    if (value == null) {
      out.append("None", false);
    } else if (value instanceof Boolean flag) {
      out.append(flag ? "True" : "False", false);
    } else if (value instanceof Number number) {
      out.append(Numbers.print(number), false);
    } else if (value instanceof Text text) {
      quote(text);
    } else if (value instanceof Undefined) {
      out.append("Undefined", false);
    } else if (value instanceof Series series) {
      series(series, depth);
    } else if (value instanceof List<?> list) {
      list("[", list, "]", depth);
    } else if (value instanceof Map<?, ?> map) {
      map(map, depth);
    } else if (value instanceof Loop loop) {
      out.append(loop.toString(), false);
    } else {
      throw new TemplateException(
          "a " + Values.typeName(value) + " is printed, which looks different each time");
    }
  }

  private void series(Series series, int depth) {
    switch (series.kind()) {
      case TUPLE -> list("(", series, series.size() == 1 ? ",)" : ")", depth);
      case RANGE -> out.append(series.printed(), false);
      default -> list(series.kind().typeName() + "([", series, "])", depth);
    }
  }

  private void list(String open, List<?> items, String close, int depth) {
    out.append(open, true);
    for (int at = 0; at < items.size(); at++) {
      out.append(at == 0 ? "" : ", ", true);
      put(items.get(at), depth + 1);
    }
    out.append(close, true);
  }

  private void map(Map<?, ?> map, int depth) {
    String separator = "{";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator, true);
      put(entry.getKey(), depth + 1);
      out.append(": ", true);
      put(entry.getValue(), depth + 1);
      separator = ", ";
    }
    out.append(map.isEmpty() ? "{}" : "}", true);
  }

  private void quote(Text text) {
    String value = text.value();
    char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
    out.append(String.valueOf(quote), true);
    for (PromptPart part : text.parts()) {
      StringBuilder escaped = new StringBuilder();
      part.text().codePoints().forEach(c -> escape(c, quote, escaped));
      out.append(escaped.toString(), part.content());
    }
    out.append(String.valueOf(quote), true);
  }

  private static void escape(int c, char quote, StringBuilder to) {
    switch (c) {
      case '\n' -> to.append("\\n");
      case '\r' -> to.append("\\r");
      case '\t' -> to.append("\\t");
      case '\\' -> to.append("\\\\");
      default -> {
        if (c == quote) {
          to.append('\\').append(quote);
        } else if (isPrintable(c)) {
          to.appendCodePoint(c);
        } else if (c < 0x100) {
          to.append(String.format("\\x%02x", c));
        } else {
          to.append(c < 0x10000 ? String.format("\\u%04x", c) : String.format("\\U%08x", c));
        }
      }
    }
  }

  /** As {@code str.isprintable} has it. */
  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
