package io.github.flinkexecutorch.jobs.files;

import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.parquet.ParquetWriterFactory;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageTypeParser;

/** Files that appear by checkpoint, so that each record is in them exactly once. */
@Internal
public final class FileSinks {

  /**
   * One JSON object a line.
   *
   * @param json the object, in UTF-8
   * @param folders which folder below {@code folder} a record belongs to
   */
  public static <T> FileSink<T> jsonLines(
      Path folder, SerializableFunction<T, byte[]> json, BucketAssigner<T, String> folders) {
    return FileSink.<T>forRowFormat(
            folder,
            (record, out) -> {
              out.write(json.apply(record));
              out.write('\n');
            })
        .withRollingPolicy(OnCheckpointRollingPolicy.build())
        .withBucketAssigner(folders)
        .withOutputFileConfig(parts(".jsonl"))
        .build();
  }

  /**
   * One row a record, compressed.
   *
   * @param schema as Parquet writes it
   * @param row the row of a record, of this schema
   * @param folders which folder below {@code folder} a record belongs to
   */
  public static <T> FileSink<T> parquet(
      Path folder,
      String schema,
      SerializableFunction<T, Group> row,
      BucketAssigner<T, String> folders) {
    return FileSink.<T>forBulkFormat(folder, writer(schema, row))
        .withBucketAssigner(folders)
        .withOutputFileConfig(parts(".parquet"))
        .build();
  }

  private static <T> BulkWriter.Factory<T> writer(
      String schema, SerializableFunction<T, Group> row) {
    ParquetWriterFactory<Group> rows =
        new ParquetWriterFactory<>(
            out ->
                ExampleParquetWriter.builder(out)
                    .withType(MessageTypeParser.parseMessageType(schema))
                    .withConf(new PlainParquetConfiguration())
                    .withCompressionCodec(CompressionCodecName.GZIP) // every reader knows it
                    .build());
    return out -> new Rows<>(rows.create(out), row);
  }

  private static OutputFileConfig parts(String ending) {
    return OutputFileConfig.builder().withPartPrefix("part").withPartSuffix(ending).build();
  }

  private record Rows<T>(BulkWriter<Group> rows, SerializableFunction<T, Group> row)
      implements BulkWriter<T> {
    @Override
    public void addElement(T record) throws IOException {
      rows.addElement(row.apply(record));
    }

    @Override
    public void flush() throws IOException {
      rows.flush();
    }

    @Override
    public void finish() throws IOException {
      rows.finish();
    }
  }

  private FileSinks() {}
}
