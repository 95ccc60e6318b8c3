package io.github.flinkexecutorch.llm.chat;

import static java.util.Map.entry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** The functions that every template has. */
final class Globals {
  private static final int MAX_RANGE = 100_000; // the limit of Jinja2's sandbox
  private static final Map<String, Function> FUNCTIONS =
      Map.ofEntries(
          entry("range", Globals::range),
          entry("dict", Globals::dict),
          entry("namespace", Namespace::of),
          entry("raise_exception", Globals::raise));

  private Globals() {}

  static Object find(String name) {
    return FUNCTIONS.get(name);
  }

  static Map<Object, Object> dict(Render render, Arguments arguments) {
    Map<Object, Object> made = new LinkedHashMap<>();
    if (!arguments.values().isEmpty()) {
      Object from = new Arguments(arguments.values(), Map.of()).bind(1, "mapping").get(0);
      if (from instanceof Map<?, ?> map) {
        made.putAll(map);
      } else {
        for (Object pair : Values.items(render, from)) {
          List<Object> both = Values.items(render, pair);
          if (both.size() != 2) {
            throw new TemplateException("dict() takes pairs of key and value");
          }
          made.put(Values.key(made, both.get(0)), both.get(1));
        }
      }
    }
    arguments.named().forEach((name, value) -> made.put(Text.written(name), value));
    render.budget().make(made.size() + 2L);
    return made;
  }

  private static Object range(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(1, "start", "stop", "step");
    long first = Values.integer(given.get(0));
    long start = given.has(1) ? first : 0;
    long stop = given.has(1) ? Values.integer(given.get(1)) : first;
    long step = given.integer(2, 1);
    if (step == 0) {
      throw new TemplateException("range() has the step 0");
    }
    double span = Math.ceil(((double) stop - start) / step);
    if (span > MAX_RANGE) {
      throw new TemplateException("range() is longer than " + MAX_RANGE);
    }
    long size = Math.max(0, (long) span);
    render.budget().make(size);
    List<Object> items =
        LongStream.range(0, size).<Object>mapToObj(place -> start + place * step).toList();
    String step3 = step == 1 ? "" : ", " + step;
    return new Series(Series.Kind.RANGE, items, "range(" + start + ", " + stop + step3 + ")");
  }

  private static Object raise(Render render, Arguments arguments) {
    Text message = arguments.bind(1, "message").printed(render, 0);
    throw new RaisedException(message.redacted());
  }
}
