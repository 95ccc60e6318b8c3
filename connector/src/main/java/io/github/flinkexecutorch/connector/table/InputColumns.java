package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.RequestImage;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;

/** What the columns of a model's input are, in their order. */
record InputColumns(List<InputColumn> columns) implements Serializable {

  /** One column of the input. */
  record InputColumn(String name, Kind kind) implements Serializable {}

  /** What a column holds. */
  enum Kind {
    /** STRING: a text of the prompt. */
    TEXT,
    /** STRING, named by {@link ExecuTorchOptions#IMAGE_FIELDS}: where an image is. */
    REFERENCE,
    /** BYTES: the file of an image. */
    IMAGE
  }

  InputColumns {
    columns = List.copyOf(columns);
  }

  /**
   * The columns of a schema.
   *
   * @throws ValidationException if one has a type that no model takes
   */
  static InputColumns of(ResolvedSchema input, ReadableConfig options) {
    List<String> references = options.get(ExecuTorchOptions.IMAGE_FIELDS);
    List<InputColumn> columns = new ArrayList<>();
    for (Column column : input.getColumns()) {
      LogicalType type = column.getDataType().getLogicalType();
      boolean text = type.is(LogicalTypeFamily.CHARACTER_STRING);
      if (!column.isPhysical() || !(text || type.is(LogicalTypeFamily.BINARY_STRING))) {
        throw new ValidationException(
            ("Input column '%s' is %s%s. A model takes STRING, a text of the prompt or, where %s"
                    + " names the column, a reference to an image, and BYTES, the file of an image.")
                .formatted(
                    column.getName(),
                    type.asSummaryString(),
                    column.isPhysical() ? "" : " and not physical",
                    ExecuTorchOptions.IMAGE_FIELDS.key()));
      }
      Kind kind = references.contains(column.getName()) ? Kind.REFERENCE : Kind.TEXT;
      columns.add(new InputColumn(column.getName(), text ? kind : Kind.IMAGE));
    }
    return new InputColumns(columns);
  }

  /** Names of the columns of text. */
  List<String> texts() {
    return columns.stream().filter(c -> c.kind() == Kind.TEXT).map(InputColumn::name).toList();
  }

  /** Names of the columns of images. */
  List<String> images() {
    return columns.stream().filter(c -> c.kind() != Kind.TEXT).map(InputColumn::name).toList();
  }

  /** Values of the columns of text, {@code null} for each NULL. */
  List<String> textsOf(RowData row) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).kind() == Kind.TEXT) {
        texts.add(row.isNullAt(i) ? null : row.getString(i).toString());
      }
    }
    return texts;
  }

  /** Values of the columns of images, {@code null} for each NULL. */
  List<RequestImage> imagesOf(RowData row) {
    List<RequestImage> images = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).kind() != Kind.TEXT) {
        images.add(row.isNullAt(i) ? null : image(row, i));
      }
    }
    return images;
  }

  private RequestImage image(RowData row, int column) {
    return columns.get(column).kind() == Kind.IMAGE
        ? RequestImage.ofBytes(row.getBinary(column))
        : RequestImage.ofReference(row.getString(column).toString());
  }
}
