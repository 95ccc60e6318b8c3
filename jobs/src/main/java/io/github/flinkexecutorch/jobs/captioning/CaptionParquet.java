package io.github.flinkexecutorch.jobs.captioning;

import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.parquet.ParquetWriterFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.Type;

/** Caption records as rows of Parquet files: a column for each field, the thumbnail as bytes. */
final class CaptionParquet {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message caption {
            required binary id (STRING);
            required binary image (STRING);
            required binary caption (STRING);
            required binary finishReason (STRING);
            required int32 promptTokens;
            required int32 generatedTokens;
            required binary modelDigest (STRING);
            required int64 queueMs;
            required int64 inferenceMs;
            required int32 width;
            required int32 height;
            optional binary thumbnail;
          }
          """);

  static final Set<String> COLUMNS =
      SCHEMA.getFields().stream().map(Type::getName).collect(Collectors.toSet());

  static BulkWriter.Factory<CaptionRecord> writer() {
    ParquetWriterFactory<Group> rows =
        new ParquetWriterFactory<>(
            out ->
                ExampleParquetWriter.builder(out)
                    .withType(SCHEMA)
                    .withConf(new PlainParquetConfiguration())
                    .withCompressionCodec(CompressionCodecName.GZIP) // every reader knows it
                    .build());
    return out -> new Writer(rows.create(out));
  }

  /** A row that was read with {@link #COLUMNS}. */
  static CaptionRecord record(Group row) {
    byte[] thumbnail =
        row.getFieldRepetitionCount("thumbnail") == 0
            ? null
            : row.getBinary("thumbnail", 0).getBytes();
    return new CaptionRecord(
        row.getString("id", 0),
        row.getString("image", 0),
        row.getString("caption", 0),
        row.getString("finishReason", 0),
        row.getInteger("promptTokens", 0),
        row.getInteger("generatedTokens", 0),
        row.getString("modelDigest", 0),
        row.getLong("queueMs", 0),
        row.getLong("inferenceMs", 0),
        row.getInteger("width", 0),
        row.getInteger("height", 0),
        thumbnail);
  }

  /** The records of a file. */
  static ParquetRows read(Path file) throws IOException {
    return ParquetRows.open(file, COLUMNS);
  }

  private static Group row(CaptionRecord record) {
    Group row =
        new SimpleGroup(SCHEMA)
            .append("id", record.id())
            .append("image", record.image())
            .append("caption", record.caption())
            .append("finishReason", record.finishReason())
            .append("promptTokens", record.promptTokens())
            .append("generatedTokens", record.generatedTokens())
            .append("modelDigest", record.modelDigest())
            .append("queueMs", record.queueMs())
            .append("inferenceMs", record.inferenceMs())
            .append("width", record.width())
            .append("height", record.height());
    return record.thumbnail() == null
        ? row
        : row.append("thumbnail", Binary.fromConstantByteArray(record.thumbnail()));
  }

  private record Writer(BulkWriter<Group> rows) implements BulkWriter<CaptionRecord> {
    @Override
    public void addElement(CaptionRecord record) throws IOException {
      rows.addElement(row(record));
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

  private CaptionParquet() {}
}
