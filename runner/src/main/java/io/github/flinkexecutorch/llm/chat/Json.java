package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes values as Python's {@code json.dumps} does. */
final class Json {
  private final Text.Builder out;
  private final boolean ascii;
  private final boolean sorted;
  private final Text indent;
  private final Text itemSeparator;
  private final Text keySeparator;

  private Json(Render render, Arguments.Bound options) {
    this.out = render.builder();
    this.ascii = options.truth(1, false);
    this.indent = options.get(2) == null ? null : indent(render, options.get(2));
    this.sorted = options.truth(4, false);
    if (options.get(3) == null) {
      itemSeparator = Text.written(indent == null ? ", " : ",");
      keySeparator = Text.written(": ");
    } else {
      List<Object> separators = Values.items(render, options.get(3));
      if (separators.size() != 2
          || !(separators.get(0) instanceof Text item)
          || !(separators.get(1) instanceof Text key)) {
        throw new TemplateException("tojson takes two texts as separators");
      }
      itemSeparator = item;
      keySeparator = key;
    }
  }

  /** The filter {@code tojson} as transformers defines it. */
  static Text dump(Render render, Arguments arguments) {
    Arguments.Bound options =
        arguments.bind(1, "x", "ensure_ascii", "indent", "separators", "sort_keys");
    Json json = new Json(render, options);
    json.put(options.get(0), 0);
    return json.out.build();
  }

  private static Text indent(Render render, Object value) {
    return value instanceof Text text
        ? text
        : Operators.repeat(render, Text.written(" "), Values.integer(value));
  }

  private void put(Object value, int depth) {
    if (depth > Data.MAX_DEPTH) {
      throw new TemplateException("tojson gets a value nested deeper than " + Data.MAX_DEPTH);
    }
    if (value instanceof Text text) {
      quote(text);
    } else if (value instanceof Map<?, ?> map) {
      map(map, depth);
    } else if (value instanceof Series series && series.kind() != Series.Kind.TUPLE) {
      throw unwritable(value);
    } else if (value instanceof List<?> list) {
      list(list, depth);
    } else {
      out.append(scalar(value), false);
    }
  }

  private static String scalar(Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof Boolean flag) {
      return flag ? "true" : "false";
    }
    if (value instanceof Double real && !Double.isFinite(real)) {
      return Double.isNaN(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity";
    }
    if (value instanceof Number number) {
      return Numbers.print(number);
    }
    throw unwritable(value);
  }

  private static TemplateException unwritable(Object value) {
    return new TemplateException("tojson cannot write a value of type " + Values.typeName(value));
  }

  private void list(List<?> list, int depth) {
    out.append("[", true);
    for (int at = 0; at < list.size(); at++) {
      next(at == 0, depth + 1);
      put(list.get(at), depth + 1);
    }
    close(list.isEmpty(), "]", depth);
  }

  private void map(Map<?, ?> map, int depth) {
    out.append("{", true);
    List<Object> keys = new ArrayList<>(map.keySet());
    if (sorted) {
      keys.sort(Values::compare);
    }
    boolean first = true;
    for (Object key : keys) {
      next(first, depth + 1);
      quote(key instanceof Text text ? text : Text.written(scalar(key)));
      out.append(keySeparator.value(), true);
      put(map.get(key), depth + 1);
      first = false;
    }
    close(map.isEmpty(), "}", depth);
  }

  private void next(boolean first, int depth) {
    if (!first) {
      out.append(itemSeparator.value(), true);
    }
    newLine(depth);
  }

  private void close(boolean empty, String bracket, int depth) {
    if (!empty) {
      newLine(depth);
    }
    out.append(bracket, true);
  }

  private void newLine(int depth) {
    if (indent != null) {
      out.append("\n", true);
      for (int level = 0; level < depth; level++) {
        out.append(indent.value(), true);
      }
    }
  }

  private void quote(Text text) {
    out.append("\"", true);
    for (PromptPart part : text.parts()) {
      StringBuilder escaped = new StringBuilder();
      part.text().chars().forEach(c -> escape((char) c, escaped));
      out.append(escaped.toString(), part.content());
    }
    out.append("\"", true);
  }

  private void escape(char c, StringBuilder to) {
    switch (c) {
      case '"' -> to.append("\\\"");
      case '\\' -> to.append("\\\\");
      case '\n' -> to.append("\\n");
      case '\r' -> to.append("\\r");
      case '\t' -> to.append("\\t");
      case '\b' -> to.append("\\b");
      case '\f' -> to.append("\\f");
      default -> {
        if (c < ' ' || (ascii && c > '~')) {
          to.append(String.format("\\u%04x", (int) c));
        } else {
          to.append(c);
        }
      }
    }
  }
}
