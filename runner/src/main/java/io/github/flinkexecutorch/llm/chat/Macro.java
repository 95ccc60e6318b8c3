package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A macro at the place where it is defined. Returns what its body prints.
 *
 * @param defaults of the last parameters
 * @param used which of {@code caller}, {@code varargs} and {@code kwargs} the body asks for
 */
record Macro(
    String name,
    List<String> parameters,
    List<Expression> defaults,
    Set<String> used,
    Statement body,
    Scope around)
    implements Function {

  @Override
  public Object call(Render render, Arguments arguments) {
    Scope scope = around.inner();
    Map<String, Object> named = new LinkedHashMap<>(arguments.named());
    List<Object> values = arguments.values();
    for (int place = 0; place < parameters.size(); place++) {
      String parameter = parameters.get(place);
      boolean byPlace = place < values.size();
      if (byPlace && named.containsKey(parameter)) {
        throw new TemplateException("the macro '" + name + "' gets '" + parameter + "' twice");
      }
      scope.set(parameter, byPlace ? values.get(place) : Undefined.name(parameter));
      if (!byPlace) {
        int optional = place - parameters.size() + defaults.size();
        if (named.containsKey(parameter)) {
          scope.set(parameter, named.remove(parameter));
        } else if (optional >= 0) {
          scope.set(parameter, defaults.get(optional).value(scope));
        }
      }
    }
    if (used.contains("caller") && !parameters.contains("caller")) {
      scope.set(
          "caller",
          named.containsKey("caller")
              ? named.remove("caller")
              : new Undefined("the macro '" + name + "' is used without a call block"));
    }
    List<Object> extra =
        new ArrayList<>(values.subList(Math.min(parameters.size(), values.size()), values.size()));
    rest(scope, "varargs", extra.isEmpty(), new Series(Series.Kind.TUPLE, extra));
    Map<Object, Object> others = new LinkedHashMap<>();
    named.forEach((key, value) -> others.put(Text.written(key), value));
    rest(scope, "kwargs", named.isEmpty(), others);
    return render.capture(() -> body.run(scope));
  }

  private void rest(Scope scope, String variable, boolean empty, Object value) {
    if (used.contains(variable)) {
      scope.set(variable, value);
    } else if (!empty) {
      throw new TemplateException("the macro '" + name + "' gets arguments it does not take");
    }
  }
}
