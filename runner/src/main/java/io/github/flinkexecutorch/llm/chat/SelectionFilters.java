package io.github.flinkexecutorch.llm.chat;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Filters that apply another filter or a test to every item. Lazy in Jinja2: gone through once. */
final class SelectionFilters {
  static final Map<String, Function> ALL =
      Map.ofEntries(
          entry("map", SelectionFilters::map),
          entry("select", (render, arguments) -> select(render, arguments, false, true)),
          entry("reject", (render, arguments) -> select(render, arguments, false, false)),
          entry("selectattr", (render, arguments) -> select(render, arguments, true, true)),
          entry("rejectattr", (render, arguments) -> select(render, arguments, true, false)));

  private SelectionFilters() {}

  private static Object map(Render render, Arguments arguments) {
    Object items = present(arguments.values().get(0));
    if (arguments.values().size() == 1 && arguments.named().containsKey("attribute")) {
      Arguments.Bound given =
          new Arguments(List.of(), arguments.named()).bind(1, "attribute", "default");
      return new Generator(Paths.map(render, items, given.get(0), given.get(1)));
    }
    Function filter = Filters.named(name(arguments, 1));
    List<Object> mapped = new ArrayList<>();
    for (Object item : Values.items(render, items)) {
      mapped.add(render.call(filter, arguments.from(2).after(item)));
    }
    return new Generator(mapped);
  }

  private static Object select(
      Render render, Arguments arguments, boolean byAttribute, boolean keep) {
    int rest = byAttribute ? 2 : 1;
    if (arguments.values().size() < rest) {
      throw new TemplateException("a selection needs the name of an attribute");
    }
    boolean tests = arguments.values().size() > rest;
    Function test = tests ? Conditions.named(name(arguments, rest)) : null;
    List<Object> selected = new ArrayList<>();
    for (Object item : Values.items(render, present(arguments.values().get(0)))) {
      render.budget().step();
      Object value = byAttribute ? Paths.get(item, arguments.values().get(1), null) : item;
      Object holds = tests ? render.call(test, arguments.from(rest + 1).after(value)) : value;
      if (Values.truth(holds) == keep) {
        selected.add(item);
      }
    }
    return new Generator(selected);
  }

  /** Jinja2 takes whatever is false, such as None, for an empty list here. */
  private static Object present(Object items) {
    return Values.truth(items) ? items : List.of();
  }

  private static Text name(Arguments arguments, int place) {
    if (place < arguments.values().size() && arguments.values().get(place) instanceof Text name) {
      return name;
    }
    throw new TemplateException("a filter needs the name of a filter or test");
  }
}
