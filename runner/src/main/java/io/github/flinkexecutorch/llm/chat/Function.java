package io.github.flinkexecutorch.llm.chat;

/** Something a template can call. Filters, tests and methods get their value as first argument. */
@FunctionalInterface
interface Function {
  Object call(Render render, Arguments arguments);
}
