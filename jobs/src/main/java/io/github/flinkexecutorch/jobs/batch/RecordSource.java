package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.jobs.batch.BatchInput.RecordFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.assigners.SimpleSplitAssigner;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.core.fs.Path;

/**
 * The records of an input, each exactly once, bounded. The files are listed and cut into splits
 * when the job starts; what appears later is left to the next run.
 */
final class RecordSource {
  /** So many that the subtasks end together; more would be more state. */
  private static final int SPLITS_PER_SUBTASK = 64;

  private static final long LEAST_BYTES = 1 << 14;
  private static final long MOST_BYTES = 1 << 26;

  /**
   * A range that is smaller than a row group is mostly empty, and each costs reading the footer.
   */
  private static final long LEAST_PARQUET_BYTES = 1 << 25;

  static FileSource<RecordOrigin> of(
      BatchInput input, BulkFormat<RecordOrigin, FileSourceSplit> format) {
    return FileSource.forBulkFileFormat(format, new Path(input.files().root()))
        .setFileEnumerator(() -> (roots, subtasks) -> splits(input.list(), subtasks))
        .setSplitAssigner(SimpleSplitAssigner::new)
        .build();
  }

  /** Cuts files, so that small and large inputs alike keep all subtasks busy until the end. */
  static Collection<FileSourceSplit> splits(List<RecordFile> files, int subtasks)
      throws IOException {
    long bytes = files.stream().mapToLong(RecordFile::bytes).sum();
    long wanted =
        Math.max(LEAST_BYTES, Math.min(MOST_BYTES, bytes / subtasks / SPLITS_PER_SUBTASK));
    List<FileSourceSplit> splits = new ArrayList<>();
    for (RecordFile file : files) {
      long size =
          file.isCompressed()
              ? file.bytes()
              : file.isParquet() ? Math.max(wanted, LEAST_PARQUET_BYTES) : wanted;
      for (long from = 0; from < file.bytes(); from += size) {
        splits.add(
            new FileSourceSplit(
                Integer.toString(splits.size()),
                file.path(),
                from,
                Math.min(size, file.bytes() - from),
                0,
                file.bytes()));
      }
    }
    Collections.reverse(splits); // the assigner begins at the end
    return splits;
  }

  private RecordSource() {}
}
