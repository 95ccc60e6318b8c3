package io.github.flinkexecutorch.jobs.captioning;

import java.util.Set;
import java.util.stream.Collectors;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.Type;

/** Caption records as rows of Parquet files: a column for each field, the thumbnail as bytes. */
final class CaptionParquet {
  static final String SCHEMA =
      """
      message caption {
        required binary id (STRING);
        required binary image (STRING);
        required binary caption (STRING);
        required binary finish_reason (STRING);
        required int32 prompt_tokens;
        required int32 generated_tokens;
        required binary model_digest (STRING);
        required int64 queue_ms;
        required int64 inference_ms;
        required int32 width;
        required int32 height;
        optional binary thumbnail;
      }
      """;

  private static final MessageType TYPE = MessageTypeParser.parseMessageType(SCHEMA);

  static final Set<String> COLUMNS =
      TYPE.getFields().stream().map(Type::getName).collect(Collectors.toSet());

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
        row.getString("finish_reason", 0),
        row.getInteger("prompt_tokens", 0),
        row.getInteger("generated_tokens", 0),
        row.getString("model_digest", 0),
        row.getLong("queue_ms", 0),
        row.getLong("inference_ms", 0),
        row.getInteger("width", 0),
        row.getInteger("height", 0),
        thumbnail);
  }

  static Group row(CaptionRecord record) {
    Group row =
        new SimpleGroup(TYPE)
            .append("id", record.id())
            .append("image", record.image())
            .append("caption", record.caption())
            .append("finish_reason", record.finishReason())
            .append("prompt_tokens", record.promptTokens())
            .append("generated_tokens", record.generatedTokens())
            .append("model_digest", record.modelDigest())
            .append("queue_ms", record.queueMs())
            .append("inference_ms", record.inferenceMs())
            .append("width", record.width())
            .append("height", record.height());
    return record.thumbnail() == null
        ? row
        : row.append("thumbnail", Binary.fromConstantByteArray(record.thumbnail()));
  }

  private CaptionParquet() {}
}
