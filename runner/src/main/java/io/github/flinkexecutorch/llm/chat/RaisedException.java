package io.github.flinkexecutorch.llm.chat;

/** A template refused the conversation with {@code raise_exception}. */
final class RaisedException extends TemplateException {
  private static final long serialVersionUID = 1L;

  RaisedException(String message) {
    super(message);
  }
}
