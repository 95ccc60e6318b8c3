package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The left side of an assignment: a name, an attribute of a namespace, or several of these. */
@FunctionalInterface
interface Target {
  Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");

  void assign(Scope scope, Object value);

  /** One or more targets with commas between them; {@code forbidden} is a name not to assign to. */
  static Target parse(Tokens tokens, String forbidden) {
    List<Target> targets = new ArrayList<>();
    boolean comma = false;
    do {
      if (comma && (tokens.isName("in") || tokens.isOperator(")") || tokens.isOperator("="))) {
        break;
      }
      targets.add(parseOne(tokens, forbidden));
      comma = tokens.skipOperator(",");
    } while (comma);
    return targets.size() == 1 && !comma ? targets.get(0) : unpacking(targets);
  }

  static Target parseOne(Tokens tokens, String forbidden) {
    if (tokens.skipOperator("(")) {
      tokens.enter();
      Target inner = parse(tokens, forbidden);
      tokens.leave();
      tokens.expectOperator(")");
      return inner;
    }
    String name = tokens.expect(Token.Kind.NAME, "a name").text();
    if (CONSTANTS.contains(name) || name.equals(forbidden)) {
      throw tokens.error("the name '" + name + "' cannot be assigned to");
    }
    if (!tokens.skipOperator(".")) {
      return (scope, value) -> scope.set(name, value);
    }
    String attribute = tokens.expect(Token.Kind.NAME, "the name of an attribute").text();
    return (scope, value) -> {
      if (!(scope.get(name) instanceof Namespace namespace)) {
        throw new TemplateException(
            "'" + name + "' is no namespace; only its attributes can be set");
      }
      namespace.set(attribute, value);
    };
  }

  private static Target unpacking(List<Target> targets) {
    return (scope, value) -> {
      List<Object> items = Values.items(scope.render(), value);
      if (items.size() != targets.size()) {
        throw new TemplateException(
            targets.size() + " names are assigned " + items.size() + " values");
      }
      for (int place = 0; place < targets.size(); place++) {
        targets.get(place).assign(scope, items.get(place));
      }
    };
  }
}
