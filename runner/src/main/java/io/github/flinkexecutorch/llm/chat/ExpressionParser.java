package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Turns tokens into expressions. The grammar is Jinja2's, from the loosest binding to the tightest:
 * {@code if else}, {@code or}, {@code and}, {@code not}, comparisons, {@code + -}, {@code ~},
 * {@code * / // %}, {@code **}, signs, and {@link OperandParser what is combined}.
 */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  /** One link of a chain such as {@code 1 < 2 < 3}. */
  private record Relation(String operator, Expression right) {}

  private final Tokens tokens;
  private final OperandParser operands;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
    this.operands = new OperandParser(tokens, this);
  }

  Expression expression() {
    tokens.enter();
    TemplateSyntaxException missingBefore = tokens.missing();
    Expression value = or();
    while (tokens.skipName("if")) {
      tokens.missing(missingBefore); // the "if" guards what was read
      tokens.condition(1);
      value = conditional(value);
      tokens.condition(-1);
    }
    tokens.leave();
    return value;
  }

  private Expression conditional(Expression then) {
    Expression test = or();
    Expression otherwise =
        tokens.skipName("else")
            ? expression()
            : scope -> new Undefined("an inline if without else is false");
    return scope -> Values.truth(test.value(scope)) ? then.value(scope) : otherwise.value(scope);
  }

  /** Without an inline {@code if}, which would be the filter of a loop. */
  Expression unconditional() {
    return or();
  }

  /** A filter of the value, whose name comes next. */
  Expression filter(Expression value) {
    return operands.filter(value);
  }

  /** One expression, or several with commas between them as a tuple. */
  Expression tuple(boolean conditional) {
    List<Expression> items = new ArrayList<>();
    boolean comma = false;
    do {
      if (comma && endsTuple()) {
        break;
      }
      items.add(conditional ? expression() : unconditional());
      comma = tokens.skipOperator(",");
    } while (comma);
    return items.size() == 1 && !comma ? items.get(0) : tupleOf(items);
  }

  private boolean endsTuple() {
    Token.Kind kind = tokens.peek().kind();
    return kind == Token.Kind.VARIABLE_END
        || kind == Token.Kind.BLOCK_END
        || tokens.isOperator(")")
        || tokens.isName("recursive");
  }

  static Expression tupleOf(List<Expression> items) {
    return scope -> new Series(Series.Kind.TUPLE, values(items, scope));
  }

  static List<Object> values(List<Expression> items, Scope scope) {
    scope.render().budget().work(8L * items.size());
    scope.render().budget().make(1);
    List<Object> values = new ArrayList<>(items.size());
    items.forEach(item -> values.add(item.value(scope)));
    return values;
  }

  private Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      Expression first = left;
      Expression second = and();
      left =
          scope -> {
            Object value = first.value(scope);
            return Values.truth(value) ? value : second.value(scope);
          };
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      Expression first = left;
      Expression second = not();
      left =
          scope -> {
            Object value = first.value(scope);
            return Values.truth(value) ? second.value(scope) : value;
          };
    }
    return left;
  }

  private Expression not() {
    if (!tokens.skipName("not")) {
      return comparison();
    }
    tokens.enter();
    Expression negated = not();
    tokens.leave();
    return scope -> !Values.truth(negated.value(scope));
  }

  private Expression comparison() {
    Expression first = sum();
    List<Relation> others = new ArrayList<>();
    for (String operator = relation(); operator != null; operator = relation()) {
      others.add(new Relation(operator, sum()));
    }
    return others.isEmpty() ? first : scope -> holds(scope, first, others);
  }

  /** The relation that comes next, consumed; null if none does. */
  private String relation() {
    if (tokens.peek().kind() == Token.Kind.OPERATOR && COMPARISONS.contains(tokens.peek().text())) {
      return tokens.next().text();
    }
    if (tokens.skipName("in")) {
      return "in";
    }
    if (tokens.isName("not") && tokens.peekNext().is(Token.Kind.NAME, "in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private static boolean holds(Scope scope, Expression first, List<Relation> others) {
    Object left = first.value(scope);
    for (Relation other : others) {
      Object right = other.right().value(scope);
      if (!Operators.relation(scope.render(), other.operator(), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private Expression sum() {
    return binary(this::concatenation, Set.of("+", "-"));
  }

  private Expression concatenation() {
    List<Expression> parts = new ArrayList<>();
    do {
      parts.add(product());
    } while (tokens.skipOperator("~"));
    if (parts.size() == 1) {
      return parts.get(0);
    }
    return scope -> {
      Text.Builder joined = scope.render().builder();
      parts.forEach(part -> joined.append(Printer.print(scope.render(), part.value(scope))));
      return joined.build();
    };
  }

  private Expression product() {
    return binary(this::power, Set.of("*", "/", "//", "%"));
  }

  private Expression power() {
    return binary(() -> operands.signed(true), Set.of("**"));
  }

  private Expression binary(Supplier<Expression> operand, Set<String> operators) {
    Expression left = operand.get();
    while (tokens.peek().kind() == Token.Kind.OPERATOR
        && operators.contains(tokens.peek().text())) {
      String operator = tokens.next().text();
      Expression first = left;
      Expression second = operand.get();
      left =
          scope ->
              Operators.binary(scope.render(), operator, first.value(scope), second.value(scope));
    }
    return left;
  }
}
