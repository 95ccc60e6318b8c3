package io.github.flinkexecutorch.llm.chat;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The methods that values have, those apart that would change a value. */
final class Methods {
  private static final Map<String, Function> OF_DICTS =
      Map.ofEntries(
          entry("get", Methods::get),
          entry("keys", (render, arguments) -> view(render, arguments, Series.Kind.KEYS)),
          entry("values", (render, arguments) -> view(render, arguments, Series.Kind.VALUES)),
          entry("items", (render, arguments) -> view(render, arguments, Series.Kind.ITEMS)),
          entry("copy", (render, arguments) -> arguments.bind(1, "self").get(0)));
  private static final Map<String, Function> OF_LISTS =
      Map.ofEntries(
          entry("index", Methods::index),
          entry("count", Methods::count),
          entry("copy", (render, arguments) -> arguments.bind(1, "self").get(0)));

  private Methods() {}

  /** Null if the type has no such method. */
  static Function of(Object value, String name) {
    if (value instanceof Text) {
      return TextMethods.ALL.get(name);
    }
    if (value instanceof Map) {
      return OF_DICTS.get(name);
    }
    boolean copies = !(value instanceof Series);
    return value instanceof List && (copies || !name.equals("copy")) ? OF_LISTS.get(name) : null;
  }

  private static Object get(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "self", "key", "default");
    Map<?, ?> map = (Map<?, ?>) given.get(0);
    Object key = Values.key(map, given.get(1));
    return map.containsKey(key) ? map.get(key) : given.get(2);
  }

  private static Object view(Render render, Arguments arguments, Series.Kind kind) {
    Map<?, ?> map = (Map<?, ?>) arguments.bind(1, "self").get(0);
    render.budget().make(kind == Series.Kind.ITEMS ? map.size() : 1);
    List<Object> items = new ArrayList<>(map.size());
    map.forEach(
        (key, value) ->
            items.add(
                switch (kind) {
                  case KEYS -> key;
                  case VALUES -> value;
                  default -> Series.tuple(key, value);
                }));
    return new Series(kind, items);
  }

  private static Object index(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "self", "value");
    List<Object> items = Values.items(render, given.get(0));
    for (int at = 0; at < items.size(); at++) {
      render.budget().step();
      if (Values.equal(items.get(at), given.get(1))) {
        return (long) at;
      }
    }
    throw new TemplateException("index() does not find the value");
  }

  private static Object count(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "self", "value");
    long count = 0;
    for (Object item : Values.items(render, given.get(0))) {
      render.budget().step();
      count += Values.equal(item, given.get(1)) ? 1 : 0;
    }
    return count;
  }
}
