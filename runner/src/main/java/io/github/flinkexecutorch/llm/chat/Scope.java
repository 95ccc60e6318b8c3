package io.github.flinkexecutorch.llm.chat;

import java.util.HashMap;
import java.util.Map;

/** Names visible at a place of the template: those set here, then those of the scopes around. */
final class Scope {
  private final Render render;
  private final Scope around;
  private final Map<String, Object> names = new HashMap<>();

  Scope(Render render, Map<String, Object> names) {
    this.render = render;
    this.around = null;
    this.names.putAll(names);
  }

  private Scope(Scope around) {
    this.render = around.render;
    this.around = around;
  }

  Scope inner() {
    render.budget().make(4); // its map, and a name or two
    return new Scope(this);
  }

  Render render() {
    return render;
  }

  void set(String name, Object value) {
    names.put(name, value);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.around) {
      Object value = scope.names.get(name);
      if (value != null || scope.names.containsKey(name)) {
        return value;
      }
    }
    Object global = Globals.find(name);
    return global != null ? global : Undefined.name(name);
  }
}
