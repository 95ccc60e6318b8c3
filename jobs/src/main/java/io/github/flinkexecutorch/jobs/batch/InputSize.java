package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.jobs.batch.BatchInput.RecordFile;
import io.github.flinkexecutorch.jobs.files.ParquetRows;
import io.github.flinkexecutorch.jobs.files.RunTotal;
import java.io.IOException;
import java.util.List;
import org.apache.flink.connector.file.src.FileSourceSplit;

/**
 * How many records files have: counted as far as that reads little, and estimated by their bytes
 * beyond.
 */
final class InputSize {
  private static final long MOST_BYTES = 1L << 26;
  private static final long FOOTER_BYTES = 1L << 16;
  private static final int KEPT_BYTES = 64; // enough to see that a line is blank

  static RunTotal of(List<RecordFile> files) throws IOException {
    return of(files, MOST_BYTES);
  }

  /**
   * @param mostBytes to read
   */
  static RunTotal of(List<RecordFile> files, long mostBytes) throws IOException {
    long left = mostBytes;
    long records = 0;
    long countedBytes = 0;
    long otherBytes = 0;
    for (RecordFile file : files) {
      if (left <= 0 || (file.isCompressed() && file.bytes() > left)) {
        otherBytes += file.bytes();
      } else if (file.isParquet()) {
        records += ParquetRows.count(file.path());
        countedBytes += file.bytes();
        left -= FOOTER_BYTES;
      } else {
        long limit = Math.min(file.bytes(), left);
        records += lines(file, limit);
        countedBytes += limit;
        otherBytes += file.bytes() - limit;
        left -= limit;
      }
    }
    if (otherBytes == 0) {
      return RunTotal.of(records);
    }
    return records == 0
        ? RunTotal.UNKNOWN
        : new RunTotal(Math.round(records * (1 + otherBytes / (double) countedBytes)), false);
  }

  private static long lines(RecordFile file, long bytes) throws IOException {
    FileSourceSplit split = new FileSourceSplit("", file.path(), 0, bytes, 0, file.bytes());
    long lines = 0;
    try (JsonLineReader reader = JsonLineReader.open("", split, KEPT_BYTES)) {
      while (reader.next() != null) {
        lines++;
      }
    }
    return lines;
  }

  private InputSize() {}
}
