package io.github.flinkexecutorch.llm.chat;

import java.util.Map;

/**
 * Attributes and methods. Nothing of Java is reachable: whatever is not named here is undefined.
 */
final class Attributes {
  private Attributes() {}

  /** A method together with its value. */
  private record Method(Object self, Function function) implements Function {
    @Override
    public Object call(Render render, Arguments arguments) {
      return function.call(render, arguments.after(self));
    }
  }

  /** {@code value.name}: methods come before the entries of a dict. */
  static Object get(Object value, String name) {
    Object found = builtIn(value, Text.written(name));
    if (found instanceof Undefined && value instanceof Map<?, ?> map) {
      Text key = Text.written(name);
      return map.containsKey(key) ? map.get(key) : found;
    }
    return found;
  }

  /** What the value has by its type. */
  static Object builtIn(Object value, Text attribute) {
    String name = attribute.value();
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Namespace namespace) {
      return namespace.get(name);
    }
    if (value instanceof Loop loop) {
      return loop.get(name);
    }
    if (value instanceof Macro macro && name.equals("name")) {
      return Text.written(macro.name());
    }
    Function method = Methods.of(value, name);
    return method != null
        ? new Method(value, method)
        : new Undefined(
            "a value of type "
                + Values.typeName(value)
                + " has no attribute '"
                + attribute.redacted()
                + "'");
  }
}
