package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.RowInference;
import java.io.Serializable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.catalog.ResolvedSchema;

/**
 * What a model does with a row, as its statement says.
 *
 * @param input columns that it gets
 * @param output columns that it adds
 * @param inference the model
 * @param errors what becomes of rows that failed, FAILOVER or IGNORE
 * @param overflow what becomes of rows that were too long, beside what the model does with them
 */
record RowPrediction(
    InputColumns input,
    OutputColumns output,
    RowInference inference,
    ErrorHandlingStrategy errors,
    ContextOverflowAction overflow)
    implements Serializable {

  /**
   * @throws org.apache.flink.table.api.ValidationException if a column cannot be what it is
   * @throws IllegalArgumentException if an option cannot work
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if a generation option is out of
   *     its range
   */
  static RowPrediction of(Configuration model, ResolvedSchema input, ResolvedSchema output) {
    Configuration options = ExecuTorchModelOptions.forTheOperator(model);
    InputColumns inputColumns = InputColumns.of(input, options);
    OutputColumns outputColumns = OutputColumns.of(output);
    return new RowPrediction(
        inputColumns,
        outputColumns,
        new RowInference(options, inputColumns.texts(), inputColumns.images()),
        ErrorHandlingStrategy.afterRetries(options, outputColumns.tellErrors()),
        options
            .getOptional(ExecuTorchModelOptions.CONTEXT_OVERFLOW_ACTION)
            .orElse(ContextOverflowAction.FAIL));
  }
}
