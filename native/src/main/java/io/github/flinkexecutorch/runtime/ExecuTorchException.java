package io.github.flinkexecutorch.runtime;

/** A call into the runtime failed; {@link #code()} is the runtime's own reason. */
public class ExecuTorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public ExecuTorchException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  /** The runtime's own reason. */
  public ErrorCode code() {
    return code;
  }
}
