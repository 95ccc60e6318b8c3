package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.RecordOrigin;
import java.io.Closeable;
import java.io.IOException;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.util.RecordAndPosition;

/** The records of one split, in their order. Confined to one thread. */
interface RecordReader extends Closeable {

  /**
   * The next record and the position after it, {@code null} at the end. The record's topic is the
   * name of its file, its offset says where it is in it, and its value is a JSON object, unless the
   * input is wrong.
   */
  RecordAndPosition<RecordOrigin> next() throws IOException;

  /**
   * Opens a split where it was left.
   *
   * @param maxBytes of a record; of a longer line little more is kept
   */
  static RecordReader open(BatchInput input, FileSourceSplit split, int maxBytes)
      throws IOException {
    String name = input.name(split.path());
    return BatchInput.isParquet(split.path())
        ? ParquetRecordReader.open(name, split)
        : JsonLineReader.open(name, split, maxBytes);
  }
}
