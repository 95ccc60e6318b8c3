package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.connector.RecordOrigin;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.NanoTime;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetRecordReaderTest {
  static final MessageType MANY_TYPES =
      MessageTypeParser.parseMessageType(
          """
          message m {
            required binary text (STRING);
            optional binary none (STRING);
            required binary plain;
            required binary bytes;
            required boolean yes;
            required int32 small;
            required int64 large (INTEGER(64,false));
            required double number;
            required float infinite;
            required int32 day (DATE);
            required int64 time (TIMESTAMP(MILLIS,true));
            required int96 old;
            required int64 money (DECIMAL(10,2));
            repeated int32 legacy;
            optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
            optional group counts (MAP) {
              repeated group key_value { required binary key (STRING); optional int32 value; }
            }
            optional group customer { required binary name (STRING); }
          }
          """);

  @TempDir private Path folder;

  @Test
  void shouldReadEveryRowOnceWhereverTheFileIsCut() throws IOException {
    MessageType type = MessageTypeParser.parseMessageType("message m { required int64 n; }");
    List<Group> rows = new ArrayList<>();
    for (long n = 0; n < 5000; n++) {
      rows.add(new SimpleGroup(type).append("n", n * 0x9e3779b97f4a7c15L));
    }
    Path file = write(folder, type, rows, 4096);
    long size = Files.size(file);
    List<RecordAndPosition<RecordOrigin>> whole = read(split(file, 0, size));

    assertThat(whole).hasSize(5000);
    for (int i = 0; i < whole.size(); i++) {
      assertThat(whole.get(i).getRecord().offset()).isEqualTo(i);
    }
    for (long cut = 0; cut <= size; cut += size / 7) {
      List<RecordAndPosition<RecordOrigin>> parts = new ArrayList<>(read(split(file, 0, cut)));
      int first = parts.size();
      parts.addAll(read(split(file, cut, size - cut)));
      assertThat(parts)
          .extracting(read -> read.getRecord().offset())
          .isEqualTo(whole.stream().map(read -> read.getRecord().offset()).toList());
      if (cut > 0 && cut < size / 7 * 7) {
        assertThat(first).as("rows before the cut").isBetween(1, 4999);
      }
    }
    CheckpointedPosition position =
        new CheckpointedPosition(whole.get(4321).getOffset(), whole.get(4321).getRecordSkipCount());
    assertThat(read(split(file, 0, size).updateWithCheckpointedPosition(position)))
        .extracting(ParquetRecordReaderTest::text)
        .isEqualTo(whole.subList(4322, 5000).stream().map(ParquetRecordReaderTest::text).toList());
  }

  @Test
  void shouldReadRowsAsJson() throws IOException {
    Group row = rowOfManyTypes();

    String json = text(read(split(write(folder, MANY_TYPES, List.of(row), 4096))).get(0));

    assertThat(new ObjectMapper().readTree(json))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"text": "Grüße", "none": null, "plain": "as text", "bytes": "/wA=", "yes": true,
                     "small": -1, "large": %s, "number": 0.5, "infinite": "Infinity",
                     "day": "1970-01-02", "time": "1970-01-01T00:00:01.000+0000",
                     "old": "1970-01-02T00:00:01Z", "money": 123.45, "legacy": [1, 2],
                     "tags": ["a", null], "counts": {"x": 3, "y": null},
                     "customer": {"name": "Rosa"}}
                    """
                        .formatted(BigInteger.TWO.pow(64).subtract(BigInteger.ONE))));
  }

  static Group rowOfManyTypes() {
    SimpleGroup row = new SimpleGroup(MANY_TYPES);
    row.append("text", "Grüße")
        .append("plain", "as text")
        .append("bytes", Binary.fromConstantByteArray(new byte[] {(byte) 0xff, 0}))
        .append("yes", true)
        .append("small", -1)
        .append("large", -1L)
        .append("number", 0.5)
        .append("infinite", Float.POSITIVE_INFINITY)
        .append("day", 1)
        .append("time", 1000L)
        .append("old", new NanoTime(2440589, 1_000_000_000L))
        .append("money", 12345L)
        .append("legacy", 1)
        .append("legacy", 2);
    Group tags = row.addGroup("tags");
    tags.addGroup("list").append("element", "a");
    tags.addGroup("list");
    Group counts = row.addGroup("counts");
    counts.addGroup("key_value").append("key", "x").append("value", 3);
    counts.addGroup("key_value").append("key", "y");
    row.addGroup("customer").append("name", "Rosa");
    return row;
  }

  static Path write(Path folder, MessageType type, List<Group> rows, long rowGroupBytes)
      throws IOException {
    Path file = folder.resolve("a.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(type)
            .withConf(new PlainParquetConfiguration())
            .withRowGroupSize(rowGroupBytes)
            .withMinRowCountForPageSizeCheck(1)
            .withPageSize(1024)
            .build()) {
      for (Group row : rows) {
        writer.write(row);
      }
    }
    return file;
  }

  private static FileSourceSplit split(Path file) throws IOException {
    return split(file, 0, Files.size(file));
  }

  private static FileSourceSplit split(Path file, long from, long length) throws IOException {
    org.apache.flink.core.fs.Path path = new org.apache.flink.core.fs.Path(file.toString());
    return new FileSourceSplit("0", path, from, length, 0, Files.size(file));
  }

  private static List<RecordAndPosition<RecordOrigin>> read(FileSourceSplit split)
      throws IOException {
    List<RecordAndPosition<RecordOrigin>> all = new ArrayList<>();
    try (ParquetRecordReader reader = ParquetRecordReader.open("a", split)) {
      for (RecordAndPosition<RecordOrigin> next = reader.next();
          next != null;
          next = reader.next()) {
        all.add(next);
      }
    }
    return all;
  }

  private static String text(RecordAndPosition<RecordOrigin> read) {
    return new String(read.getRecord().value(), UTF_8);
  }
}
