package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.RecordOrigin;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;

/**
 * Which folder a completion belongs to: one for each value of some fields of its record, and below
 * these one for each share of the ids. The folders of fields travel through the inference as the
 * key of the record's origin, which comes out with the completion as it went in.
 *
 * @param fields names, or paths such as {@code customer.country}
 * @param shards folders that the ids are spread over by hash, 0 for none
 */
record Partitioning(List<String> fields, int shards)
    implements BucketAssigner<Completion, String>, Serializable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SHARD = "shard";
  private static final int GOLDEN_RATIO = 0x9e3779b1;

  Partitioning {
    fields = List.copyOf(fields);
  }

  /** The record with the folders of its fields. */
  RecordOrigin apply(RecordOrigin record) {
    JsonNode object;
    try {
      object = JSON.readTree(record.value());
    } catch (IOException e) { // it will be a dead letter
      object = JSON.nullNode();
    }
    return new RecordOrigin(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestamp(),
        folders(object).getBytes(UTF_8),
        record.value(),
        record.headers());
  }

  @Override
  public String getBucketId(Completion completion, Context context) {
    String folders = completion.key() == null ? "" : new String(completion.key(), UTF_8);
    if (shards == 0) {
      return folders;
    }
    String shard = HivePath.of(SHARD, "%04d".formatted(shard(completion.id())));
    return folders.isEmpty() ? shard : folders + "/" + shard;
  }

  @Override
  public SimpleVersionedSerializer<String> getSerializer() {
    return SimpleVersionedStringSerializer.INSTANCE;
  }

  private String folders(JsonNode object) {
    return fields.stream()
        .map(field -> HivePath.of(field, text(object, field)))
        .collect(Collectors.joining("/"));
  }

  private int shard(String id) {
    int hash = id.hashCode() * GOLDEN_RATIO;
    return Math.floorMod(hash ^ (hash >>> 16), shards);
  }

  private static String text(JsonNode object, String field) {
    JsonNode value = object;
    for (String step : field.split("\\.", -1)) {
      value = value.path(step);
    }
    return value.isValueNode() && !value.isNull() ? value.asText() : null;
  }
}
