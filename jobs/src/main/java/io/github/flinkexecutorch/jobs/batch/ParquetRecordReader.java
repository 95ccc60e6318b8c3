package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.jobs.JsonBytes;
import io.github.flinkexecutorch.jobs.files.ParquetRows;
import java.io.IOException;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.parquet.example.data.Group;

/**
 * The rows of the row groups whose middle lies within a range of a Parquet file, as JSON objects. A
 * record's offset is the number of its row in the file, and a position in the split how many of its
 * rows were read.
 */
final class ParquetRecordReader implements RecordReader {
  private final String name;
  private final ParquetRows rows;
  private long read;

  private ParquetRecordReader(String name, ParquetRows rows) {
    this.name = name;
    this.rows = rows;
  }

  static ParquetRecordReader open(String name, FileSourceSplit split) throws IOException {
    ParquetRows rows =
        ParquetRows.open(split.path(), split.offset(), split.offset() + split.length());
    ParquetRecordReader reader = new ParquetRecordReader(name, rows);
    try {
      long before =
          split.getReaderPosition().map(CheckpointedPosition::getRecordsAfterOffset).orElse(0L);
      while (reader.read < before && rows.next() != null) {
        reader.read++;
      }
      return reader;
    } catch (IOException | RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  @Override
  public RecordAndPosition<RecordOrigin> next() throws IOException {
    Group row = rows.next();
    if (row == null) {
      return null;
    }
    read++;
    return new RecordAndPosition<>(
        new RecordOrigin(name, -1, rows.rowIndex(), -1, null, json(row), null),
        CheckpointedPosition.NO_OFFSET,
        read);
  }

  /** Nothing in a file makes its types and its values fit each other. */
  private byte[] json(Group row) throws IOException {
    try {
      return JsonBytes.of(ParquetJson.of(row));
    } catch (RuntimeException e) {
      throw new IOException(
          "Row " + rows.rowIndex() + " of " + name + " has a value that its type cannot have.", e);
    }
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
