package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.Outcome;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;

/** What the columns of a model's output are, in their order; the completion first. */
record OutputColumns(List<OutputColumn> columns) implements Serializable {

  OutputColumns {
    columns = List.copyOf(columns);
  }

  /**
   * The columns of a schema.
   *
   * @throws ValidationException if one is not known or of the wrong type
   */
  static OutputColumns of(ResolvedSchema output) {
    List<OutputColumn> columns = new ArrayList<>();
    for (Column column : output.getColumns()) {
      if (!column.isPhysical()) { // Flink leaves them out of what it takes for the model's row
        throw new ValidationException(
            "Output column '%s' must be a plain column, without METADATA or an expression."
                .formatted(column.getName()));
      }
      OutputColumn meant = columns.isEmpty() ? completion(column) : named(column);
      if (!column.getDataType().equals(meant.type())) {
        throw new ValidationException(
            "Output column '%s' is %s, but must be %s, and nullable for rows that failed."
                .formatted(column.getName(), column.getDataType(), meant.type()));
      }
      columns.add(meant);
    }
    return new OutputColumns(columns);
  }

  /** Whether a row can tell that it failed. */
  boolean tellErrors() {
    return columns.stream().anyMatch(OutputColumn::tellsErrors);
  }

  RowData row(Outcome outcome, String modelDigest) {
    return GenericRowData.of(columns.stream().map(c -> c.of(outcome, modelDigest)).toArray());
  }

  private static OutputColumn completion(Column column) {
    if (OutputColumn.named(column.getName()).isPresent()) {
      throw new ValidationException(
          "The first output column is the completion and cannot be named '%s', as another one is."
              .formatted(column.getName()));
    }
    return OutputColumn.COMPLETION;
  }

  private static OutputColumn named(Column column) {
    return OutputColumn.named(column.getName())
        .orElseThrow(
            () ->
                new ValidationException(
                    "Output column '%s' is not known: after the completion there may be %s."
                        .formatted(column.getName(), names())));
  }

  private static List<String> names() {
    return Arrays.stream(OutputColumn.values())
        .map(OutputColumn::columnName)
        .filter(Objects::nonNull)
        .toList();
  }
}
