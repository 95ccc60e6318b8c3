package io.github.flinkexecutorch.llm.chat;

/** A compiled expression. */
@FunctionalInterface
interface Expression {
  Object value(Scope scope);
}
