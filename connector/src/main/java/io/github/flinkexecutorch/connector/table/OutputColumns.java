package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.Outcome;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;

/**
 * What the columns of a model's output are, in their order; the completion first.
 *
 * @param metadata whether the last of them are METADATA columns
 */
record OutputColumns(List<OutputColumn> columns, boolean metadata) implements Serializable {

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
    boolean metadata = false;
    for (Column column : output.getColumns()) {
      OutputColumn meant = columns.isEmpty() ? completion(column) : further(column);
      if (metadata && column.isPhysical()) { // Flink counts either all columns or the plain ones
        throw new ValidationException(
            "Output column '%s' must stand before the METADATA columns."
                .formatted(column.getName()));
      }
      metadata = !column.isPhysical();
      if (!column.getDataType().equals(meant.type())) {
        throw new ValidationException(
            "Output column '%s' is %s, but must be %s, and nullable for rows that failed."
                .formatted(column.getName(), column.getDataType(), meant.type()));
      }
      columns.add(meant);
    }
    return new OutputColumns(columns, metadata);
  }

  /** Whether a row can tell that it failed. */
  boolean tellErrors() {
    return columns.stream().anyMatch(OutputColumn::tellsErrors);
  }

  RowData row(Outcome outcome, String modelDigest) {
    return GenericRowData.of(columns.stream().map(c -> c.of(outcome, modelDigest)).toArray());
  }

  private static OutputColumn completion(Column column) {
    if (!column.isPhysical()) {
      throw new ValidationException(
          "The first output column is the completion and must be a plain column; '%s' is not."
              .formatted(column.getName()));
    }
    if (OutputColumn.named(column.getName()).isPresent()) {
      throw new ValidationException(
          "The first output column is the completion and cannot be named '%s', as another one is."
              .formatted(column.getName()));
    }
    return OutputColumn.COMPLETION;
  }

  private static OutputColumn further(Column column) {
    if (column instanceof Column.MetadataColumn metadata) {
      String key = metadata.getMetadataKey().orElse(column.getName());
      return OutputColumn.withKey(key)
          .orElseThrow(
              () ->
                  new ValidationException(
                      "Output column '%s' has the metadata key '%s', which is not known: there are %s."
                          .formatted(column.getName(), key, all(OutputColumn::metadataKey))));
    }
    if (!column.isPhysical()) {
      throw new ValidationException(
          "Output column '%s' must be a plain or METADATA column, without an expression."
              .formatted(column.getName()));
    }
    return OutputColumn.named(column.getName())
        .orElseThrow(
            () ->
                new ValidationException(
                    "Output column '%s' is not known: after the completion there may be %s."
                        .formatted(column.getName(), all(OutputColumn::columnName))));
  }

  private static List<String> all(Function<OutputColumn, String> name) {
    return Arrays.stream(OutputColumn.values()).map(name).filter(Objects::nonNull).toList();
  }
}
