package io.github.flinkexecutorch.connector.table;

import java.lang.reflect.Proxy;
import org.apache.flink.table.data.RowData;

/**
 * A row that fails whoever reads it: the way for an asynchronous function to fail its task without
 * a word about the row. If its future failed, Flink's operator would quote the whole input row.
 */
final class FailingRow {
  private FailingRow() {}

  static RowData of(PredictionFailedError failure) {
    return (RowData)
        Proxy.newProxyInstance(
            RowData.class.getClassLoader(),
            new Class<?>[] {RowData.class},
            (row, method, arguments) -> {
              throw failure;
            });
  }
}
