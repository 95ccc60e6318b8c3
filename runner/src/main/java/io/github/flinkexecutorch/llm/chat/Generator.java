package io.github.flinkexecutorch.llm.chat;

import java.util.List;

/** What lazy filters give: to be gone through once, without length or places. */
final class Generator {
  private List<Object> rest;

  Generator(List<Object> items) {
    this.rest = items;
  }

  /** All that is left; nothing is left afterwards. */
  List<Object> drain() {
    List<Object> items = rest;
    rest = List.of();
    return items;
  }

  /** The next item, or the alternative if there is none. */
  Object next(Object otherwise) {
    if (rest.isEmpty()) {
      return otherwise;
    }
    Object first = rest.get(0);
    rest = rest.subList(1, rest.size());
    return first;
  }
}
