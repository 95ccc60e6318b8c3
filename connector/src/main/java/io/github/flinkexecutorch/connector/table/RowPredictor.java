package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.FailureKind;
import io.github.flinkexecutorch.connector.Outcome;
import io.github.flinkexecutorch.connector.RowSubtask;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Predicts rows in one subtask. Confined to the task's thread, but for its futures. */
final class RowPredictor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RowPredictor.class);

  private final RowPrediction prediction;
  private final RowSubtask model;

  private RowPredictor(RowPrediction prediction, RowSubtask model) {
    this.prediction = prediction;
    this.model = model;
  }

  /** Loads the model, and waits for it. */
  static RowPredictor open(RowPrediction prediction, FunctionContext context) throws Exception {
    RowSubtask model = prediction.inference().open(context.getMetricGroup(), context.getTaskInfo());
    return new RowPredictor(prediction, model);
  }

  /**
   * The columns that the model adds to a row: one row or, if it failed and nothing can tell so,
   * none.
   *
   * @param limit longest time, waiting included; zero for none
   * @return fails with {@link PredictionFailedError} only, which fails the job
   */
  CompletableFuture<Collection<RowData>> predict(RowData row, Duration limit) {
    CompletableFuture<Outcome> outcome;
    try {
      outcome =
          model.complete(prediction.input().textsOf(row), prediction.input().imagesOf(row), limit);
    } catch (RuntimeException e) { // Flink would write the row into its message
      return CompletableFuture.failedFuture(PredictionFailedError.fatal(e));
    }
    return outcome.handle(
        (known, fatal) -> {
          if (fatal != null) {
            throw PredictionFailedError.fatal(fatal);
          }
          return rows(known);
        });
  }

  @Override
  public void close() throws IOException {
    model.close();
  }

  private Collection<RowData> rows(Outcome outcome) {
    if (outcome.failure() != null) {
      if (outcome.failure().kind() == FailureKind.CONTEXT_OVERFLOW
          && prediction.overflow().skips()) {
        note("Row {} was skipped: {}", outcome.failure().id(), outcome.failure().message());
        return skipped();
      }
      if (prediction.errors() == ErrorHandlingStrategy.FAILOVER) {
        throw PredictionFailedError.of(outcome.failure());
      }
      if (!prediction.output().tellErrors()) {
        return skipped();
      }
    } else if (outcome.completion().truncatedPromptTokens() > 0) {
      note(
          "The prompt of row {} was cut by {} tokens",
          outcome.completion().id(),
          outcome.completion().truncatedPromptTokens());
    }
    return List.of(prediction.output().row(outcome, model.modelDigest()));
  }

  private Collection<RowData> skipped() {
    model.skip();
    return List.of();
  }

  private void note(String line, Object... values) {
    if (prediction.overflow().logs()) {
      LOG.info(line, values);
    }
  }
}
