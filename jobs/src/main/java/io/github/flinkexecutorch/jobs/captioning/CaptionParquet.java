package io.github.flinkexecutorch.jobs.captioning;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.parquet.ParquetWriterFactory;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

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
      SCHEMA.getFields().stream().map(field -> field.getName()).collect(Collectors.toSet());

  static ParquetWriterFactory<CaptionRecord> writer() {
    return new ParquetWriterFactory<>(
        out ->
            new Builder(out)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.GZIP) // every reader knows it
                .build());
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

  private static final class Builder extends ParquetWriter.Builder<CaptionRecord, Builder> {
    private Builder(OutputFile file) {
      super(file);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // it has to be there all the same
    protected WriteSupport<CaptionRecord> getWriteSupport(Configuration configuration) {
      return new Columns();
    }

    @Override
    protected WriteSupport<CaptionRecord> getWriteSupport(ParquetConfiguration configuration) {
      return new Columns();
    }
  }

  private static final class Columns extends WriteSupport<CaptionRecord> {
    private RecordConsumer out;
    private int column;

    @Override
    @SuppressWarnings("deprecation") // it has to be there all the same
    public WriteContext init(Configuration configuration) {
      return new WriteContext(SCHEMA, Map.of());
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(SCHEMA, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(CaptionRecord record) {
      out.startMessage();
      column = 0;
      add(Binary.fromString(record.id()));
      add(Binary.fromString(record.image()));
      add(Binary.fromString(record.caption()));
      add(Binary.fromString(record.finishReason()));
      add(record.promptTokens());
      add(record.generatedTokens());
      add(Binary.fromString(record.modelDigest()));
      add(record.queueMs());
      add(record.inferenceMs());
      add(record.width());
      add(record.height());
      if (record.thumbnail() != null) {
        add(Binary.fromConstantByteArray(record.thumbnail()));
      }
      out.endMessage();
    }

    private void add(Binary value) {
      startField();
      out.addBinary(value);
      endField();
    }

    private void add(int value) {
      startField();
      out.addInteger(value);
      endField();
    }

    private void add(long value) {
      startField();
      out.addLong(value);
      endField();
    }

    private void startField() {
      out.startField(SCHEMA.getFieldName(column), column);
    }

    private void endField() {
      out.endField(SCHEMA.getFieldName(column), column);
      column++;
    }
  }

  private CaptionParquet() {}
}
