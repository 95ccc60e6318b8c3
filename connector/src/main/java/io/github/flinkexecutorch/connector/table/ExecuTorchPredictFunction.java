package io.github.flinkexecutorch.connector.table;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.PredictFunction;

/** Predicts one row after the other; the task's thread waits for each. */
@Internal
public final class ExecuTorchPredictFunction extends PredictFunction {
  private static final long serialVersionUID = 1L;

  private final RowPrediction prediction;

  private transient RowPredictor predictor;

  ExecuTorchPredictFunction(RowPrediction prediction) {
    this.prediction = prediction;
  }

  @Override
  public void open(FunctionContext context) throws Exception {
    predictor = RowPredictor.open(prediction, context);
  }

  @Override
  public Collection<RowData> predict(RowData row) {
    try {
      return predictor.predict(row, Duration.ZERO).get();
    } catch (ExecutionException e) {
      throw (PredictionFailedError) e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw PredictionFailedError.fatal(e);
    }
  }

  @Override
  public void close() throws Exception {
    if (predictor != null) {
      predictor.close();
    }
  }
}
