package io.github.flinkexecutorch.connector;

/** A source record cannot become a request. Never leaves the parser. */
final class RejectedRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  private final FailureKind kind;

  RejectedRecordException(FailureKind kind, String message) {
    super(message);
    this.kind = kind;
  }

  RejectedRecordException(FailureKind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What the request carries instead of a prompt. */
  Rejection rejection() {
    Throwable reason = getCause() == null ? this : getCause();
    return new Rejection(kind, getMessage(), reason.getClass().getName());
  }
}
