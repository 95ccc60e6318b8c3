package io.github.flinkexecutorch.llm;

/** The request can never succeed on this model; the model and its runner are unharmed. */
public class InvalidRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with the request. */
  public enum Reason {
    EMPTY_PROMPT,
    CONTEXT_OVERFLOW,
    INVALID_PARAMETER,
    UNSUPPORTED_INPUT,
    IMAGE_DECODE,
    IMAGE_TOO_LARGE,
    AUDIO_DECODE,
    AUDIO_TOO_LARGE,
    TEMPLATE
  }

  private final Reason reason;

  public InvalidRequestException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public InvalidRequestException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What is wrong with the request. */
  public Reason reason() {
    return reason;
  }
}
