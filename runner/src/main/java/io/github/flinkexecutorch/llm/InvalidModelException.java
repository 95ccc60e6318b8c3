package io.github.flinkexecutorch.llm;

/**
 * A model or tokenizer file cannot be used at all: missing, damaged, or the two do not belong
 * together.
 */
public class InvalidModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidModelException(String message) {
    super(message);
  }

  public InvalidModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
