package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The arguments of a call, not yet evaluated.
 *
 * @param spread whether a value is a sequence of values: {@code *value}
 * @param spreadNamed dicts of named values: {@code **value}
 */
record ArgumentList(
    List<Expression> values,
    List<Boolean> spread,
    Map<String, Expression> named,
    List<Expression> spreadNamed) {
  static final ArgumentList NONE = new ArgumentList(List.of(), List.of(), Map.of(), List.of());

  static ArgumentList of(Expression value) {
    return new ArgumentList(List.of(value), List.of(false), Map.of(), List.of());
  }

  /** Reads up to the closing parenthesis; the opening one is behind. */
  static ArgumentList parse(Tokens tokens, ExpressionParser expressions) {
    ArgumentList list =
        new ArgumentList(
            new ArrayList<>(), new ArrayList<>(), new LinkedHashMap<>(), new ArrayList<>());
    boolean first = true;
    while (!tokens.skipOperator(")")) {
      if (!first) {
        tokens.expectOperator(",");
        if (tokens.skipOperator(")")) {
          break;
        }
      }
      list.parseOne(tokens, expressions);
      first = false;
    }
    return list;
  }

  private void parseOne(Tokens tokens, ExpressionParser expressions) {
    if (tokens.skipOperator("**")) {
      spreadNamed.add(expressions.expression());
      return;
    }
    boolean isNamed =
        tokens.peek().kind() == Token.Kind.NAME && tokens.peekNext().is(Token.Kind.OPERATOR, "=");
    if (isNamed) {
      String name = tokens.next().text();
      tokens.next();
      if (named.put(name, expressions.expression()) != null) {
        throw tokens.error("the argument '" + name + "' is given twice");
      }
      return;
    }
    if (!named.isEmpty() || !spreadNamed.isEmpty()) {
      throw tokens.error("an argument without a name follows one with a name");
    }
    spread.add(tokens.skipOperator("*"));
    values.add(expressions.expression());
  }

  Arguments values(Scope scope) {
    if (values.isEmpty() && named.isEmpty() && spreadNamed.isEmpty()) {
      return Arguments.of();
    }
    List<Object> given = new ArrayList<>(values.size());
    for (int place = 0; place < values.size(); place++) {
      Object value = values.get(place).value(scope);
      if (spread.get(place)) {
        List<Object> items = Values.items(scope.render(), value);
        scope.render().budget().work(items.size());
        given.addAll(items);
      } else {
        given.add(value);
      }
    }
    Map<String, Object> byName = new LinkedHashMap<>();
    named.forEach((name, value) -> byName.put(name, value.value(scope)));
    for (Expression value : spreadNamed) {
      if (!(value.value(scope) instanceof Map<?, ?> map)) {
        throw new TemplateException("** takes a dict");
      }
      map.forEach((name, item) -> byName.put(Printer.print(scope.render(), name).value(), item));
    }
    return new Arguments(given, byName);
  }
}
