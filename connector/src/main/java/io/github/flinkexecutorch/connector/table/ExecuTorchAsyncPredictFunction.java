package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.FailureKind;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.FunctionContext;

/**
 * Predicts many rows at a time, as many as {@code max-concurrent-operations} allows. A row that
 * waits longer than Flink would let it is stopped before, and fails as {@link FailureKind#TIMEOUT}.
 */
@Internal
public final class ExecuTorchAsyncPredictFunction extends AsyncPredictFunction {
  private static final long serialVersionUID = 1L;

  private final RowPrediction prediction;
  private final Duration limit;

  private transient RowPredictor predictor;

  ExecuTorchAsyncPredictFunction(RowPrediction prediction, Duration limit) {
    this.prediction = prediction;
    this.limit = limit;
  }

  @Override
  public void open(FunctionContext context) throws Exception {
    predictor = RowPredictor.open(prediction, context);
  }

  @Override
  public CompletableFuture<Collection<RowData>> asyncPredict(RowData row) {
    return predictor
        .predict(row, limit)
        .exceptionally(
            failure -> {
              Throwable reason =
                  failure instanceof CompletionException ? failure.getCause() : failure;
              return List.of(FailingRow.of((PredictionFailedError) reason));
            });
  }

  @Override
  public void close() throws Exception {
    if (predictor != null) {
      predictor.close();
    }
  }
}
