package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The {@code attribute} argument of filters: {@code "a.b"} or {@code "rows.0.name"}. */
final class Paths {
  private Paths() {}

  /** The attribute of every item; the items themselves if the path is null. */
  static List<Object> map(Render render, Object items, Object path, Object otherwise) {
    List<Object> all = Values.items(render, items);
    if (path == null) {
      return all;
    }
    List<Object> mapped = new ArrayList<>(all.size());
    for (Object item : all) {
      render.budget().step();
      mapped.add(get(item, path, otherwise));
    }
    return mapped;
  }

  static Object get(Object item, Object path, Object otherwise) {
    Object value = item;
    for (Object part : parts(path)) {
      value = Operators.subscript(value, part);
      if (value instanceof Undefined && otherwise != null) {
        value = otherwise;
      }
    }
    return value;
  }

  private static List<Object> parts(Object path) {
    if (!(path instanceof Text text)) {
      return Arrays.asList(path);
    }
    List<Object> parts = new ArrayList<>();
    for (String part : text.value().split("\\.", -1)) {
      boolean place =
          !part.isEmpty() && part.length() < 10 && part.chars().allMatch(Character::isDigit);
      parts.add(place ? (Object) Long.valueOf(part) : Text.written(part));
    }
    return parts;
  }

  /** The paths of a sort, which can be several with commas between them. */
  static List<Object> several(Object paths) {
    if (!(paths instanceof Text text)) {
      return Arrays.asList(paths);
    }
    List<Object> several = new ArrayList<>();
    for (String path : text.value().split(",", -1)) {
      several.add(Text.written(path));
    }
    return several;
  }
}
