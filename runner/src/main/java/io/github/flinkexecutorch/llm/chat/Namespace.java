package io.github.flinkexecutorch.llm.chat;

import java.util.LinkedHashMap;
import java.util.Map;

/** The one kind of value that a template can change: {@code {% set ns.name = value %}}. */
final class Namespace {
  private final Map<String, Object> attributes = new LinkedHashMap<>();

  static Namespace of(Render render, Arguments arguments) {
    Namespace namespace = new Namespace();
    Globals.dict(render, arguments)
        .forEach((name, value) -> namespace.set(((Text) name).value(), value));
    return namespace;
  }

  void set(String name, Object value) {
    attributes.put(name, value);
  }

  Object get(String name) {
    return attributes.containsKey(name)
        ? attributes.get(name)
        : new Undefined("a namespace has no such attribute");
  }
}
