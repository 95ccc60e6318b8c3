package io.github.flinkexecutorch.llm.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Literals, names, subscripts, calls, filters and tests: what operators combine. */
final class OperandParser {
  private static final Set<String> AFTER_TEST = Set.of("else", "or", "and", "is");

  private static final int MAX_DIGITS = 70; // of 64 bits in binary, with their prefix

  private final Tokens tokens;
  private final ExpressionParser expressions;

  OperandParser(Tokens tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /** An operand with its signs, and with filters and tests if they may follow. */
  Expression signed(boolean filtered) {
    Expression value;
    if (tokens.isOperator("-") || tokens.isOperator("+")) {
      boolean minus = tokens.next().text().equals("-");
      tokens.enter();
      Expression operand = signed(false);
      tokens.leave();
      value =
          scope -> {
            Object signed = operand.value(scope);
            return minus ? Operators.negative(signed) : Values.number(signed);
          };
    } else {
      value = primary();
    }
    value = postfixed(value);
    return filtered ? filtered(value) : value;
  }

  private Expression primary() {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> name(token.text());
      case STRING -> string(token);
      case INTEGER -> constant(integer(token));
      case FLOAT -> constant(Double.valueOf(token.text().replace("_", "")));
      case OPERATOR -> bracketed(token);
      default ->
          throw new TemplateSyntaxException(
              token.line(), "a value is expected, not " + token.described());
    };
  }

  private static Expression constant(Object value) {
    return scope -> value;
  }

  private Expression string(Token first) {
    StringBuilder string = new StringBuilder(first.text());
    while (tokens.peek().kind() == Token.Kind.STRING) {
      string.append(tokens.next().text());
    }
    return constant(Text.written(string.toString()));
  }

  private Expression name(String name) {
    return switch (name) {
      case "true", "True" -> constant(true);
      case "false", "False" -> constant(false);
      case "none", "None" -> constant(null);
      default -> {
        tokens.use(name);
        yield scope -> scope.get(name);
      }
    };
  }

  private static Object integer(Token token) {
    String digits = token.text().replace("_", "");
    if (digits.length() > MAX_DIGITS) {
      throw new TemplateSyntaxException(token.line(), "an integer needs more than 64 bits");
    }
    int radix =
        switch (digits.length() > 1 ? Character.toLowerCase(digits.charAt(1)) : '0') {
          case 'x' -> 16;
          case 'o' -> 8;
          case 'b' -> 2;
          default -> 10;
        };
    BigInteger value = new BigInteger(radix == 10 ? digits : digits.substring(2), radix);
    if (value.bitLength() > 63) {
      throw new TemplateSyntaxException(token.line(), "an integer needs more than 64 bits");
    }
    return value.longValue();
  }

  private Expression bracketed(Token open) {
    tokens.enter();
    Expression value =
        switch (open.text()) {
          case "(" -> parenthesized();
          case "[" -> list();
          case "{" -> dict();
          default ->
              throw new TemplateSyntaxException(
                  open.line(), "a value is expected, not " + open.described());
        };
    tokens.leave();
    return value;
  }

  private Expression parenthesized() {
    if (tokens.skipOperator(")")) {
      return ExpressionParser.tupleOf(List.of());
    }
    Expression value = expressions.tuple(true);
    tokens.expectOperator(")");
    return value;
  }

  private Expression list() {
    List<Expression> items = new ArrayList<>();
    while (!tokens.skipOperator("]")) {
      if (!items.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator("]")) {
          break;
        }
      }
      items.add(expressions.expression());
    }
    return scope -> ExpressionParser.values(items, scope);
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.skipOperator("}")) {
      if (!keys.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator("}")) {
          break;
        }
      }
      keys.add(expressions.expression());
      tokens.expectOperator(":");
      values.add(expressions.expression());
    }
    return scope -> {
      scope.render().budget().make(keys.size() + 2L);
      Map<Object, Object> dict = new LinkedHashMap<>();
      for (int at = 0; at < keys.size(); at++) {
        dict.put(Values.key(dict, keys.get(at).value(scope)), values.get(at).value(scope));
      }
      return dict;
    };
  }

  private Expression postfixed(Expression operand) {
    Expression value = operand;
    while (true) {
      if (tokens.skipOperator(".")) {
        value = attribute(value);
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.skipOperator("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  private Expression attribute(Expression value) {
    Token name = tokens.next();
    if (name.kind() == Token.Kind.NAME) {
      return scope -> Attributes.get(value.value(scope), name.text());
    }
    if (name.kind() != Token.Kind.INTEGER) {
      throw new TemplateSyntaxException(name.line(), "a name or number is expected after the dot");
    }
    Object place = integer(name);
    return scope -> Operators.subscript(value.value(scope), place);
  }

  private Expression subscript(Expression value) {
    if (tokens.isOperator(":")) {
      return slice(value, scope -> null);
    }
    Expression item = expressions.expression();
    if (tokens.isOperator(":")) {
      return slice(value, item);
    }
    tokens.expectOperator("]");
    return scope -> Operators.subscript(value.value(scope), item.value(scope));
  }

  private Expression slice(Expression value, Expression start) {
    List<Expression> bounds = new ArrayList<>(List.of(start));
    while (bounds.size() < 3 && tokens.skipOperator(":")) {
      boolean absent = tokens.isOperator(":") || tokens.isOperator("]");
      bounds.add(absent ? scope -> null : expressions.expression());
    }
    tokens.expectOperator("]");
    Expression stop = bounds.get(1);
    Expression step = bounds.size() > 2 ? bounds.get(2) : scope -> null;
    return scope ->
        Operators.slice(
            scope.render(),
            value.value(scope),
            start.value(scope),
            stop.value(scope),
            step.value(scope));
  }

  /** A call; its opening parenthesis is behind. */
  private Expression call(Expression callee) {
    ArgumentList arguments = ArgumentList.parse(tokens, expressions);
    return scope -> {
      Object function = callee.value(scope);
      return scope.render().call(function, arguments.values(scope));
    };
  }

  private Expression filtered(Expression operand) {
    Expression value = operand;
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.skipOperator("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  /** A filter's name and arguments; the bar is behind. */
  Expression filter(Expression value) {
    String name = tokens.expect(Token.Kind.NAME, "the name of a filter").text();
    if (!Filters.ALL.containsKey(name)) {
      tokens.miss("there is no filter '" + name + "'");
    }
    ArgumentList arguments =
        tokens.skipOperator("(") ? ArgumentList.parse(tokens, expressions) : ArgumentList.NONE;
    return scope -> {
      Object filtered = value.value(scope);
      Function filter = Filters.named(Text.written(name));
      return scope.render().call(filter, arguments.values(scope).after(filtered));
    };
  }

  private Expression test(Expression value) {
    boolean negated = tokens.skipName("not");
    String name = tokens.expect(Token.Kind.NAME, "the name of a test").text();
    if (!Conditions.ALL.containsKey(name)) {
      tokens.miss("there is no test '" + name + "'");
    }
    ArgumentList arguments = testArguments();
    return scope -> {
      Object tested = value.value(scope);
      Function test = Conditions.named(Text.written(name));
      Object holds = scope.render().call(test, arguments.values(scope).after(tested));
      return Values.truth(holds) != negated;
    };
  }

  private ArgumentList testArguments() {
    if (tokens.skipOperator("(")) {
      return ArgumentList.parse(tokens, expressions);
    }
    Token next = tokens.peek();
    boolean argument =
        switch (next.kind()) {
          case NAME -> !AFTER_TEST.contains(next.text());
          case STRING, INTEGER, FLOAT -> true;
          case OPERATOR -> next.text().equals("[") || next.text().equals("{");
          default -> false;
        };
    if (next.is(Token.Kind.NAME, "is")) {
      throw tokens.error("tests cannot be chained");
    }
    return argument ? ArgumentList.of(postfixed(primary())) : ArgumentList.NONE;
  }
}
