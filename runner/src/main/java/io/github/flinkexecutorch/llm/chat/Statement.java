package io.github.flinkexecutorch.llm.chat;

/** A compiled statement; what it prints goes to the rendering. */
@FunctionalInterface
interface Statement {
  /** How a loop goes on after a statement in it. */
  enum Flow {
    NEXT,
    CONTINUE,
    BREAK
  }

  Flow run(Scope scope);
}
