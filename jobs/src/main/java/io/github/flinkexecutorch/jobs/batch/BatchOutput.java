package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.Failure;
import io.github.flinkexecutorch.jobs.JsonBytes;
import io.github.flinkexecutorch.jobs.ResultJson;
import io.github.flinkexecutorch.jobs.files.FileSinks;
import io.github.flinkexecutorch.jobs.files.OutputFolder;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;

/**
 * Where the results of a run go.
 *
 * @param folder the folder that has all of them
 */
record BatchOutput(OutputFolder folder) {
  static final String COMPLETIONS = "completions";
  static final String DEAD_LETTERS = "dead-letters";

  FileSink<Completion> completions(BatchInferenceOptions.Format format, Partitioning partitioning) {
    Path completions = folder.resolve(COMPLETIONS);
    return switch (format) {
      case JSONL -> FileSinks.jsonLines(completions, ResultJson::of, partitioning);
      case PARQUET ->
          FileSinks.parquet(
              completions, CompletionParquet.SCHEMA, CompletionParquet::row, partitioning);
    };
  }

  FileSink<Failure> deadLetters() {
    return FileSinks.jsonLines(
        folder.resolve(DEAD_LETTERS),
        failure -> JsonBytes.of(DeadLetter.of(failure)),
        new BasePathBucketAssigner<>());
  }

  /**
   * Writes the report of a run over that of an earlier one.
   *
   * @return where it lies
   */
  Path write(CostReport report) throws IOException {
    Path file = folder.resolve("report.json");
    try (OutputStream out = file.getFileSystem().create(file, WriteMode.OVERWRITE)) {
      out.write(JsonBytes.of(report));
      out.write('\n');
    }
    return file;
  }
}
