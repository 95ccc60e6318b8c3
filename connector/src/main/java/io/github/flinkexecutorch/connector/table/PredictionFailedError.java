package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.Failure;
import org.apache.flink.annotation.Internal;

/**
 * A row failed, and the job shall. An error, because Flink wraps each exception of a prediction
 * into one that quotes the row, and prompts belong into no log.
 */
@Internal
public final class PredictionFailedError extends Error {
  private static final long serialVersionUID = 1L;

  private PredictionFailedError(String message, Throwable cause) {
    super(message, cause);
  }

  static PredictionFailedError of(Failure failure) {
    return new PredictionFailedError(
        ("A row failed (%s), and %s is FAILOVER: %s With IGNORE the job goes on, and output columns"
                + " error and error_kind tell which rows failed.")
            .formatted(
                failure.kind(),
                ExecuTorchModelOptions.ERROR_HANDLING_STRATEGY.key(),
                failure.message()),
        null);
  }

  static PredictionFailedError fatal(Throwable cause) {
    return new PredictionFailedError("The model cannot be used any longer", cause);
  }
}
