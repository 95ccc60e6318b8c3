package io.github.flinkexecutorch.llm.chat;

import io.github.flinkexecutorch.llm.chat.Statement.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Turns a template into one statement. */
final class TemplateParser {
  private final Tokens tokens;
  private final ExpressionParser expressions;
  private final TagParser tags;

  private TemplateParser(Tokens tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
    this.tags = new TagParser(tokens, expressions, this);
  }

  /**
   * Parses a template.
   *
   * @throws TemplateSyntaxException if it is none, or nested too deep
   */
  static Statement parse(String source, int maxDepth) {
    Tokens tokens = new Tokens(Lexer.tokens(source), maxDepth);
    TemplateParser parser = new TemplateParser(tokens);
    Statement template = parser.body(Set.of());
    if (tokens.peek().kind() != Token.Kind.END) {
      throw tokens.error("the tag " + tokens.peek().described() + " closes nothing");
    }
    return template;
  }

  /**
   * Statements up to one of these tags, whose name comes next; or up to the end if there are none.
   */
  Statement body(Set<String> ends) {
    // as in Jinja2, only what is directly in a condition may lack a filter
    int conditions = tokens.conditions(0);
    tokens.conditions(ends.contains("endif") ? conditions : 0);
    Statement body = statements(ends);
    tokens.conditions(conditions);
    return body;
  }

  private Statement statements(Set<String> ends) {
    tokens.enter();
    List<Statement> statements = new ArrayList<>();
    while (tokens.peek().kind() != Token.Kind.END) {
      Token token = tokens.next();
      switch (token.kind()) {
        case DATA -> statements.add(data(token));
        case VARIABLE_BEGIN -> statements.add(output(token));
        default -> {
          Token tag = tokens.peek();
          if (tag.kind() == Token.Kind.NAME
              && (ends.contains(tag.text()) || TagParser.ENDS.contains(tag.text()))) {
            if (ends.contains(tag.text())) {
              tokens.leave();
              return sequence(statements);
            }
            throw tokens.error("the tag " + tag.described() + " closes nothing");
          }
          statements.add(tags.statement());
        }
      }
    }
    if (!ends.isEmpty()) {
      throw tokens.error("the template ends before one of " + String.join(", ", ends));
    }
    tokens.leave();
    return sequence(statements);
  }

  private static Statement data(Token token) {
    Text text = Text.written(token.text());
    return scope -> {
      scope.render().at(token.line());
      scope.render().print(text);
      return Flow.NEXT;
    };
  }

  private Statement output(Token begin) {
    Expression value = expressions.tuple(true);
    end(Token.Kind.VARIABLE_END, "}}");
    return scope -> {
      Render render = scope.render();
      render.at(begin.line());
      render.print(Printer.print(render, value.value(scope)));
      return Flow.NEXT;
    };
  }

  /** The end of a tag. */
  void end(Token.Kind kind, String what) {
    tokens.expect(kind, what);
    if (tokens.missing() != null) {
      throw tokens.missing();
    }
  }

  private static Statement sequence(List<Statement> statements) {
    if (statements.size() == 1) {
      return statements.get(0);
    }
    return scope -> {
      for (Statement statement : statements) {
        Flow flow = statement.run(scope);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    };
  }
}
