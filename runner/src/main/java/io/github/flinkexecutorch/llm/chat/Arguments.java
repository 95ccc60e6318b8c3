package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Arguments of a call, as written: values in order, then values by name. */
record Arguments(List<Object> values, Map<String, Object> named) {
  static Arguments of(Object... values) {
    return new Arguments(Arrays.asList(values), Map.of());
  }

  Arguments after(Object first) {
    List<Object> all = new ArrayList<>(values.size() + 1);
    all.add(first);
    all.addAll(values);
    return new Arguments(all, named);
  }

  Arguments with(String name, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(named);
    all.put(name, value);
    return new Arguments(values, all);
  }

  /** Without the first value, which is another function's name, say. */
  Arguments from(int start) {
    return new Arguments(values.subList(Math.min(start, values.size()), values.size()), named);
  }

  /** Fits the arguments to parameters of these names, the first {@code required} of them needed. */
  Bound bind(int required, String... names) {
    if (values.size() > names.length) {
      throw new TemplateException(
          "a call has " + values.size() + " arguments where " + names.length + " are taken");
    }
    Object[] bound = new Object[names.length];
    boolean[] given = new boolean[names.length];
    for (int place = 0; place < names.length; place++) {
      boolean byPlace = place < values.size();
      given[place] = byPlace || named.containsKey(names[place]);
      if ((byPlace && named.containsKey(names[place])) || (!given[place] && place < required)) {
        throw new TemplateException(
            "a call gives the argument '" + names[place] + "' " + (byPlace ? "twice" : "no value"));
      }
      bound[place] = byPlace ? values.get(place) : named.get(names[place]);
    }
    for (String name : named.keySet()) {
      if (!Arrays.asList(names).contains(name)) {
        throw new TemplateException("a call gives an argument of a name that is not taken");
      }
    }
    return new Bound(Arrays.asList(bound), given);
  }

  /** Arguments in the order of the parameters. */
  static final class Bound {
    private final List<Object> values;
    private final boolean[] given;

    private Bound(List<Object> values, boolean[] given) {
      this.values = values;
      this.given = given;
    }

    boolean has(int place) {
      return given[place];
    }

    Object get(int place) {
      return values.get(place);
    }

    Object get(int place, Object otherwise) {
      return given[place] ? values.get(place) : otherwise;
    }

    boolean truth(int place, boolean otherwise) {
      return given[place] ? Values.truth(values.get(place)) : otherwise;
    }

    /** A text as Python requires one: no other type will do. */
    Text text(int place) {
      if (values.get(place) instanceof Text text) {
        return text;
      }
      throw new TemplateException("text is needed, not " + Values.typeName(values.get(place)));
    }

    Text text(int place, String otherwise) {
      return given[place] ? text(place) : Text.written(otherwise);
    }

    /** Whatever it is, as text. */
    Text printed(Render render, int place) {
      return Printer.print(render, values.get(place));
    }

    long integer(int place, long otherwise) {
      return given[place] ? Values.integer(values.get(place)) : otherwise;
    }
  }
}
