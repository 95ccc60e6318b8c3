package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/** A record failed under {@link FailurePolicy#FAIL}. */
@PublicEvolving
public final class InferenceFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InferenceFailedException(Failure failure) {
    super(
        "Request "
            + failure.id()
            + " failed ("
            + failure.kind()
            + "), and "
            + ExecuTorchOptions.FAILURE_POLICY.key()
            + " is FAIL: "
            + failure.message());
  }
}
