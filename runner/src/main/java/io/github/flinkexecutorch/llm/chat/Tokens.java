package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The place of the parsers in the template, and what surrounds it. */
final class Tokens {
  private final List<Token> tokens;
  private final int maxDepth;
  private final Deque<Set<String>> macros = new ArrayDeque<>();
  private int at;
  private int depth;

  /**
   * How many conditions surround the place: a missing filter there is an error only if it is
   * reached.
   */
  private int conditions;

  private TemplateSyntaxException missing;

  Tokens(List<Token> tokens, int maxDepth) {
    this.tokens = tokens;
    this.maxDepth = maxDepth;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peekNext() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = peek();
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  boolean isOperator(String operator) {
    return peek().is(Token.Kind.OPERATOR, operator);
  }

  boolean isName(String name) {
    return peek().is(Token.Kind.NAME, name);
  }

  boolean skipOperator(String operator) {
    return skip(isOperator(operator));
  }

  boolean skipName(String name) {
    return skip(isName(name));
  }

  private boolean skip(boolean matches) {
    if (matches) {
      next();
    }
    return matches;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw error("'" + operator + "' is expected, not " + peek().described());
    }
  }

  Token expect(Token.Kind kind, String what) {
    if (peek().kind() != kind) {
      throw error(what + " is expected, not " + peek().described());
    }
    return next();
  }

  TemplateSyntaxException error(String message) {
    return new TemplateSyntaxException(peek().line(), message);
  }

  void enter() {
    if (++depth > maxDepth) {
      throw error("it is nested deeper than " + maxDepth);
    }
  }

  void leave() {
    depth--;
  }

  void condition(int change) {
    conditions += change;
  }

  /** Forgets conditions around, or takes them up again; returns those until now. */
  int conditions(int now) {
    int until = conditions;
    conditions = now;
    return until;
  }

  /**
   * Notes a filter or test that does not exist, unless a condition may keep it from being reached.
   */
  void miss(String message) {
    if (conditions == 0 && missing == null) {
      missing = error(message);
    }
  }

  TemplateSyntaxException missing() {
    return missing;
  }

  void missing(TemplateSyntaxException known) {
    missing = known;
  }

  void enterMacro() {
    macros.push(new HashSet<>());
  }

  /** Names used in the macro that ends here. */
  Set<String> leaveMacro() {
    return macros.pop();
  }

  void use(String name) {
    macros.forEach(used -> used.add(name));
  }
}
