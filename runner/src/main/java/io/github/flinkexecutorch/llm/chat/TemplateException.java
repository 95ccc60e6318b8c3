package io.github.flinkexecutorch.llm.chat;

/** Rendering cannot go on. The message holds nothing of the conversation. */
class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TemplateException(String message) {
    super(message);
  }
}
