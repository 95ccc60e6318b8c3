package io.github.flinkexecutorch.llm.chat;

import io.github.flinkexecutorch.llm.chat.Statement.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The tags of templates, all but loops and macros. */
final class TagParser {
  static final Set<String> ENDS =
      Set.of(
          "elif",
          "else",
          "endif",
          "endfor",
          "endset",
          "endmacro",
          "endcall",
          "endfilter",
          "endwith",
          "endgeneration",
          "endraw");
  private static final Set<String> FILES = Set.of("include", "import", "from", "extends", "block");

  private final Tokens tokens;
  private final ExpressionParser expressions;
  private final TemplateParser template;
  private final MacroParser macros;
  private int loops;

  TagParser(Tokens tokens, ExpressionParser expressions, TemplateParser template) {
    this.tokens = tokens;
    this.expressions = expressions;
    this.template = template;
    this.macros = new MacroParser(tokens, expressions, template);
  }

  /** The statement whose tag's name comes next. */
  Statement statement() {
    Token tag = tokens.expect(Token.Kind.NAME, "the name of a tag");
    Statement statement =
        switch (tag.text()) {
          case "if" -> condition();
          case "for" -> loop();
          case "set" -> assignment();
          case "macro" -> macros.macro();
          case "call" -> macros.callBlock();
          case "filter" -> filterBlock();
          case "with" -> with();
          case "generation" -> generation();
          case "break" -> jump(tag, Flow.BREAK);
          case "continue" -> jump(tag, Flow.CONTINUE);
          default ->
              throw new TemplateSyntaxException(
                  tag.line(),
                  FILES.contains(tag.text())
                      ? "the tag '"
                          + tag.text()
                          + "' would need other templates; a chat template is alone"
                      : "the tag '" + tag.text() + "' is unknown");
        };
    return scope -> {
      scope.render().at(tag.line());
      return statement.run(scope);
    };
  }

  private void endTag() {
    template.end(Token.Kind.BLOCK_END, "%}");
  }

  /** Statements up to the tag, which is consumed. */
  private Statement bodyTo(String end) {
    Statement body = template.body(Set.of(end));
    tokens.next();
    endTag();
    return body;
  }

  private Statement condition() {
    tokens.condition(1);
    Expression test = expressions.tuple(false);
    endTag();
    Statement then = template.body(Set.of("elif", "else", "endif"));
    Statement otherwise = scope -> Flow.NEXT;
    if (tokens.skipName("elif")) {
      tokens.enter();
      otherwise = condition();
      tokens.leave();
    } else if (tokens.skipName("else")) {
      endTag();
      otherwise = bodyTo("endif");
    } else {
      tokens.next();
      endTag();
    }
    tokens.condition(-1);
    Statement last = otherwise;
    return scope -> Values.truth(test.value(scope)) ? then.run(scope) : last.run(scope);
  }

  private Statement loop() {
    Target target = Target.parse(tokens, "loop");
    if (!tokens.skipName("in")) {
      throw tokens.error("'in' is expected, not " + tokens.peek().described());
    }
    Expression items = expressions.tuple(false);
    Expression filter = tokens.skipName("if") ? expressions.expression() : null;
    boolean recursive = tokens.skipName("recursive");
    endTag();
    loops++;
    Statement body = template.body(Set.of("else", "endfor"));
    loops--;
    Statement otherwise = scope -> Flow.NEXT;
    if (tokens.skipName("else")) {
      endTag();
      otherwise = bodyTo("endfor");
    } else {
      tokens.next();
      endTag();
    }
    return new ForStatement(target, items, filter, recursive, body, otherwise);
  }

  private Statement jump(Token tag, Flow flow) {
    if (loops == 0) {
      throw new TemplateSyntaxException(tag.line(), "'" + tag.text() + "' is outside of a loop");
    }
    endTag();
    return scope -> flow;
  }

  private Statement assignment() {
    Target target = Target.parse(tokens, "");
    if (tokens.skipOperator("=")) {
      Expression value = expressions.tuple(true);
      endTag();
      return scope -> {
        target.assign(scope, value.value(scope));
        return Flow.NEXT;
      };
    }
    Expression captured = scope -> scope.get(CAPTURED);
    while (tokens.skipOperator("|")) {
      captured = expressions.filter(captured);
    }
    Expression filtered = captured;
    endTag();
    Statement body = bodyTo("endset");
    return scope -> {
      target.assign(scope, filteredOutput(scope, body, filtered));
      return Flow.NEXT;
    };
  }

  /** No name of a template: holds what a body printed while its filters run. */
  private static final String CAPTURED = "captured output";

  private static Object filteredOutput(Scope scope, Statement body, Expression filtered) {
    Scope inner = scope.inner();
    inner.set(CAPTURED, scope.render().capture(() -> body.run(inner)));
    return filtered.value(inner);
  }

  private Statement filterBlock() {
    Expression filtered = scope -> scope.get(CAPTURED);
    int conditions = tokens.conditions(0);
    do {
      filtered = expressions.filter(filtered);
    } while (tokens.skipOperator("|"));
    tokens.conditions(conditions);
    Expression all = filtered;
    endTag();
    Statement body = bodyTo("endfilter");
    return scope -> {
      Render render = scope.render();
      render.print(Printer.print(render, filteredOutput(scope, body, all)));
      return Flow.NEXT;
    };
  }

  private Statement with() {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (tokens.peek().kind() != Token.Kind.BLOCK_END) {
      if (!targets.isEmpty()) {
        tokens.expectOperator(",");
      }
      targets.add(Target.parseOne(tokens, ""));
      tokens.expectOperator("=");
      values.add(expressions.expression());
    }
    endTag();
    Statement body = bodyTo("endwith");
    return scope -> {
      Scope inner = scope.inner();
      for (int at = 0; at < targets.size(); at++) {
        targets.get(at).assign(inner, values.get(at).value(scope));
      }
      return body.run(inner);
    };
  }

  /** Marks what the assistant says for training; prints its body. */
  private Statement generation() {
    endTag();
    Statement body = bodyTo("endgeneration");
    return scope -> {
      Render render = scope.render();
      Scope inner = scope.inner();
      render.print(render.capture(() -> body.run(inner)));
      return Flow.NEXT;
    };
  }
}
