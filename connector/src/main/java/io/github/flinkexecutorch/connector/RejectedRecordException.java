package io.github.flinkexecutorch.connector;

/** A source record or its images cannot be used. Never leaves the operator that found out. */
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

  FailureKind kind() {
    return kind;
  }

  /** What the request carries instead of a prompt. */
  Rejection rejection(FailureStage stage) {
    Throwable reason = getCause() == null ? this : getCause();
    return new Rejection(kind, stage, getMessage(), reason.getClass().getName());
  }
}
