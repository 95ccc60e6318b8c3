package io.github.flinkexecutorch.connector.table;

import java.time.Duration;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.config.MLPredictRuntimeConfigOptions;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.PredictFunction;
import org.apache.flink.table.ml.AsyncPredictRuntimeProvider;
import org.apache.flink.table.ml.ModelProvider;
import org.apache.flink.table.ml.PredictRuntimeProvider;

/**
 * One model of a statement. Flink takes the asynchronous function unless the query asks for the
 * other.
 *
 * @param prediction what the model does
 * @param timeout of the session, after which Flink fails the job for a row
 */
record ExecuTorchModelProvider(RowPrediction prediction, Duration timeout)
    implements AsyncPredictRuntimeProvider, PredictRuntimeProvider {

  /** Part of Flink's timeout that is left for the way back. */
  private static final int SLACK = 10;

  @Override
  public AsyncPredictFunction createAsyncPredictFunction(Context context) {
    Duration given =
        context
            .runtimeConfig()
            .getOptional(MLPredictRuntimeConfigOptions.ASYNC_TIMEOUT)
            .orElse(timeout);
    return new ExecuTorchAsyncPredictFunction(prediction, given.minus(given.dividedBy(SLACK)));
  }

  @Override
  public PredictFunction createPredictFunction(Context context) {
    if (prediction.output().metadata()) { // Flink would fail at run time, and quote a row
      throw new ValidationException(
          "Flink leaves METADATA output columns out where async is false: leave that out, or give"
              + " the model plain columns.");
    }
    return new ExecuTorchPredictFunction(prediction);
  }

  @Override
  public ModelProvider copy() {
    return this; // immutable
  }
}
