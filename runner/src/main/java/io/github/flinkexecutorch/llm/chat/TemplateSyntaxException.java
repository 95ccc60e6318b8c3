package io.github.flinkexecutorch.llm.chat;

/** The source is not a template. */
final class TemplateSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  TemplateSyntaxException(int line, String message) {
    super(message);
    this.line = line;
  }

  /** Of the source, from one. */
  int line() {
    return line;
  }
}
