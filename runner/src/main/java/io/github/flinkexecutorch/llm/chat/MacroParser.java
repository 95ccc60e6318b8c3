package io.github.flinkexecutorch.llm.chat;

import io.github.flinkexecutorch.llm.chat.Statement.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Macros, and blocks that are handed to macros. */
final class MacroParser {
  private final Tokens tokens;
  private final ExpressionParser expressions;
  private final TemplateParser template;

  MacroParser(Tokens tokens, ExpressionParser expressions, TemplateParser template) {
    this.tokens = tokens;
    this.expressions = expressions;
    this.template = template;
  }

  private record Signature(List<String> parameters, List<Expression> defaults) {}

  Statement macro() {
    Token name = tokens.expect(Token.Kind.NAME, "the name of the macro");
    if (Target.CONSTANTS.contains(name.text())) {
      throw tokens.error("the name '" + name.text() + "' cannot be assigned to");
    }
    tokens.expectOperator("(");
    Expression macro = definition(name.text(), signature(), "endmacro");
    return scope -> {
      scope.set(name.text(), macro.value(scope));
      return Flow.NEXT;
    };
  }

  Statement callBlock() {
    Signature signature =
        tokens.skipOperator("(") ? signature() : new Signature(List.of(), List.of());
    Expression callee = callee();
    ArgumentList arguments = ArgumentList.parse(tokens, expressions);
    Expression caller = definition("caller", signature, "endcall");
    return scope -> {
      Render render = scope.render();
      Object function = callee.value(scope);
      Arguments given = arguments.values(scope).with("caller", caller.value(scope));
      render.print(Printer.print(render, render.call(function, given)));
      return Flow.NEXT;
    };
  }

  /** The name of a macro, or a namespace's attribute that holds one, up to the parenthesis. */
  private Expression callee() {
    String name = tokens.expect(Token.Kind.NAME, "the name of a macro").text();
    tokens.use(name);
    Expression callee = scope -> scope.get(name);
    while (tokens.skipOperator(".")) {
      Expression holder = callee;
      String attribute = tokens.expect(Token.Kind.NAME, "the name of an attribute").text();
      callee = scope -> Attributes.get(holder.value(scope), attribute);
    }
    tokens.expectOperator("(");
    return callee;
  }

  /** The body up to its end tag, as a macro of the scope in which it is evaluated. */
  private Expression definition(String name, Signature signature, String end) {
    template.end(Token.Kind.BLOCK_END, "%}");
    tokens.enterMacro();
    Statement body = template.body(Set.of(end));
    Set<String> used = tokens.leaveMacro();
    tokens.next();
    template.end(Token.Kind.BLOCK_END, "%}");
    return scope -> new Macro(name, signature.parameters, signature.defaults, used, body, scope);
  }

  /** Parameters up to the closing parenthesis. */
  private Signature signature() {
    Signature signature = new Signature(new ArrayList<>(), new ArrayList<>());
    while (!tokens.skipOperator(")")) {
      if (!signature.parameters.isEmpty()) {
        tokens.expectOperator(",");
      }
      String parameter = tokens.expect(Token.Kind.NAME, "the name of a parameter").text();
      if (signature.parameters.contains(parameter) || Target.CONSTANTS.contains(parameter)) {
        throw tokens.error("the parameter '" + parameter + "' cannot be used");
      }
      signature.parameters.add(parameter);
      if (tokens.skipOperator("=")) {
        signature.defaults.add(expressions.expression());
      } else if (!signature.defaults.isEmpty()) {
        throw tokens.error("a parameter without a default follows one with a default");
      }
    }
    return signature;
  }
}
