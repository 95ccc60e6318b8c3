package io.github.flinkexecutorch.llm.chat;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Filters on lists and dicts as a whole. */
final class ListFilters {
  static final Map<String, Function> ALL =
      Map.ofEntries(
          entry("list", ListFilters::list),
          entry("first", ListFilters::first),
          entry("last", ListFilters::last),
          entry("join", ListFilters::join),
          entry("reverse", ListFilters::reverse),
          entry("sort", ListFilters::sort),
          entry("unique", ListFilters::unique),
          entry("sum", ListFilters::sum),
          entry("min", (render, arguments) -> extreme(render, arguments, 1)),
          entry("max", (render, arguments) -> extreme(render, arguments, -1)),
          entry("items", ListFilters::items),
          entry("dictsort", ListFilters::sortDict),
          entry("groupby", ListFilters::group),
          entry("batch", ListFilters::batch),
          entry("slice", ListFilters::slice));

  private ListFilters() {}

  private static Object list(Render render, Arguments arguments) {
    return new ArrayList<>(Values.items(render, arguments.bind(1, "value").get(0)));
  }

  private static Object first(Render render, Arguments arguments) {
    Object value = arguments.bind(1, "seq").get(0);
    Undefined none = new Undefined("a sequence that is empty has no first item");
    if (value instanceof Generator generator) {
      return generator.next(none);
    }
    if (value instanceof Text text) {
      return text.length() == 0 ? none : text.codePoints(0, 1);
    }
    List<Object> items = Values.items(render, value);
    return items.isEmpty() ? none : items.get(0);
  }

  private static Object last(Render render, Arguments arguments) {
    Object value = arguments.bind(1, "seq").get(0);
    if (value instanceof Generator) {
      throw new TemplateException("a Generator has no last item");
    }
    List<Object> items = Values.items(render, value);
    return items.isEmpty()
        ? new Undefined("a sequence that is empty has no last item")
        : items.get(items.size() - 1);
  }

  private static Object join(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "d", "attribute");
    List<Object> printed = new ArrayList<>();
    for (Object item : Paths.map(render, given.get(0), given.get(2), null)) {
      printed.add(Printer.print(render, item));
    }
    Text separator = given.has(1) ? given.printed(render, 1) : Text.EMPTY;
    return Splits.join(render, separator, printed);
  }

  private static Object reverse(Render render, Arguments arguments) {
    Object value = arguments.bind(1, "value").get(0);
    if (value instanceof Text) {
      return Operators.slice(render, value, null, null, -1L);
    }
    List<Object> reversed = new ArrayList<>(Values.items(render, value));
    Collections.reverse(reversed);
    return new Generator(reversed);
  }

  private static Object sort(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "reverse", "case_sensitive", "attribute");
    List<Object> items = new ArrayList<>(Values.items(render, given.get(0)));
    List<List<Object>> keys = new ArrayList<>();
    for (Object path : Paths.several(given.get(3))) {
      keys.add(folded(Paths.map(render, items, path, null), given.truth(2, false)));
    }
    return sorted(render, items, keys, given.truth(1, false));
  }

  private static List<Object> sorted(
      Render render, List<Object> items, List<List<Object>> keys, boolean descending) {
    List<Integer> order = new ArrayList<>();
    items.forEach(item -> order.add(order.size()));
    Comparator<Integer> byKeys =
        (left, right) -> {
          render.budget().step();
          for (List<Object> key : keys) {
            if (!Values.equal(key.get(left), key.get(right))) {
              return Values.compare(key.get(left), key.get(right));
            }
          }
          return 0;
        };
    order.sort(descending ? byKeys.reversed() : byKeys);
    List<Object> sorted = new ArrayList<>();
    order.forEach(place -> sorted.add(items.get(place)));
    return sorted;
  }

  /** Text in lower case, unless case matters. */
  private static List<Object> folded(List<Object> keys, boolean caseSensitive) {
    if (caseSensitive) {
      return keys;
    }
    List<Object> folded = new ArrayList<>();
    for (Object key : keys) {
      folded.add(key instanceof Text text ? text.mapped(Characters::lower) : key);
    }
    return folded;
  }

  private static Object unique(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "case_sensitive", "attribute");
    List<Object> items = Values.items(render, given.get(0));
    List<Object> keys = folded(Paths.map(render, items, given.get(2), null), given.truth(1, false));
    Set<Object> seen = new HashSet<>();
    List<Object> unique = new ArrayList<>();
    for (int at = 0; at < items.size(); at++) {
      if (seen.add(Values.key(Map.of(), keys.get(at)))) {
        unique.add(items.get(at));
      }
    }
    return new Generator(unique);
  }

  private static Object sum(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "iterable", "attribute", "start");
    Object sum = given.get(2, 0L);
    for (Object item : Paths.map(render, given.get(0), given.get(1), null)) {
      if (sum instanceof Text) {
        throw new TemplateException("sum() does not take text");
      }
      sum = Operators.binary(render, "+", sum, item);
    }
    return sum;
  }

  private static Object extreme(Render render, Arguments arguments, int sign) {
    Arguments.Bound given = arguments.bind(1, "value", "case_sensitive", "attribute");
    List<Object> items = Values.items(render, given.get(0));
    List<Object> keys = folded(Paths.map(render, items, given.get(2), null), given.truth(1, false));
    int best = 0;
    for (int at = 1; at < keys.size(); at++) {
      best = sign * Values.compare(keys.get(at), keys.get(best)) < 0 ? at : best;
    }
    return items.isEmpty() ? new Undefined("an empty sequence has no such item") : items.get(best);
  }

  private static Object items(Render render, Arguments arguments) {
    Object value = arguments.bind(1, "value").get(0);
    if (value instanceof Undefined) {
      return new Generator(List.of());
    }
    if (!(value instanceof Map)) {
      throw new TemplateException("items() takes a dict, not " + Values.typeName(value));
    }
    return new Generator(
        Values.items(render, Methods.of(value, "items").call(render, Arguments.of(value))));
  }

  private static Object sortDict(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "value", "case_sensitive", "by", "reverse");
    String by = given.text(2, "key").value();
    if (!by.equals("key") && !by.equals("value")) {
      throw new TemplateException("dictsort() sorts by key or by value");
    }
    Object entries = items(render, Arguments.of(given.get(0)));
    List<Object> items = new ArrayList<>(Values.items(render, entries));
    List<Object> keys = Paths.map(render, items, by.equals("key") ? 0L : 1L, null);
    return sorted(
        render, items, List.of(folded(keys, given.truth(1, false))), given.truth(3, false));
  }

  private static Object group(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "value", "attribute", "default", "case_sensitive");
    List<Object> items = Values.items(render, given.get(0));
    List<Object> keys = Paths.map(render, items, given.get(1), given.has(2) ? given.get(2) : null);
    Map<Object, List<Object>> groups = new LinkedHashMap<>();
    Map<Object, Object> names = new LinkedHashMap<>();
    List<Object> compared = folded(keys, given.truth(3, false));
    for (int at = 0; at < items.size(); at++) {
      groups.computeIfAbsent(compared.get(at), key -> new ArrayList<>()).add(items.get(at));
      names.putIfAbsent(compared.get(at), keys.get(at));
    }
    List<Object> order = new ArrayList<>(groups.keySet());
    List<Object> grouped = new ArrayList<>();
    for (Object key : sorted(render, order, List.of(order), false)) {
      Map<Object, Object> group = new LinkedHashMap<>();
      group.put(Text.written("grouper"), names.get(key));
      group.put(Text.written("list"), groups.get(key));
      grouped.add(group);
    }
    return grouped;
  }

  private static Object batch(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "value", "linecount", "fill_with");
    long size = given.integer(1, 1);
    List<Object> batches = new ArrayList<>();
    List<Object> batch = new ArrayList<>();
    for (Object item : Values.items(render, given.get(0))) {
      if (batch.size() == size) {
        render.budget().make(1);
        batches.add(batch);
        batch = new ArrayList<>();
      }
      batch.add(item);
    }
    while (given.get(2) != null && !batch.isEmpty() && batch.size() < size) {
      render.budget().work(8);
      batch.add(given.get(2));
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return new Generator(batches);
  }

  private static Object slice(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "value", "slices", "fill_with");
    List<Object> items = Values.items(render, given.get(0));
    long count = given.integer(1, 1);
    if (count <= 0) {
      throw new TemplateException("slice() needs a positive number of slices");
    }
    render.budget().make(count);
    List<Object> slices = new ArrayList<>();
    int start = 0;
    for (long place = 0; place < count; place++) {
      boolean longer = place < items.size() % count;
      int end = start + (int) (items.size() / count) + (longer ? 1 : 0);
      List<Object> slice = new ArrayList<>(items.subList(start, end));
      if (given.get(2) != null && !longer && items.size() % count != 0) {
        slice.add(given.get(2));
      }
      slices.add(slice);
      start = end;
    }
    return new Generator(slices);
  }
}
