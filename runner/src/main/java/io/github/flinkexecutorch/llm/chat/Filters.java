package io.github.flinkexecutorch.llm.chat;

import java.util.HashMap;
import java.util.Map;

/** Every filter by its name. */
final class Filters {
  static final Map<String, Function> ALL = new HashMap<>();

  static {
    ALL.putAll(TextFilters.ALL);
    ALL.putAll(ValueFilters.ALL);
    ALL.putAll(ListFilters.ALL);
    ALL.putAll(SelectionFilters.ALL);
  }

  private Filters() {}

  static Function named(Text name) {
    Function filter = ALL.get(name.value());
    if (filter == null) {
      throw new TemplateException("there is no filter '" + name.redacted() + "'");
    }
    return filter;
  }
}
