package io.github.flinkexecutorch.jobs.captioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.apache.flink.core.fs.Path;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a manifest: each row names an image or is rejected, or the file is refused. */
class ManifestFuzzTest {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message m { optional binary id (STRING); required binary image (STRING);"
              + " optional binary prompt (STRING); required int32 more; }");

  private static final int LIMIT = 100;

  @TempDir private static java.nio.file.Path folder;

  static Stream<Arguments> manifests() throws IOException {
    java.nio.file.Path file = folder.resolve("seed.parquet");
    try (ParquetWriter<Group> rows =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(SCHEMA)
            .withConf(new PlainParquetConfiguration())
            .build()) {
      for (int i = 0; i < 3; i++) {
        SimpleGroup row = new SimpleGroup(SCHEMA);
        row.add("image", i + ".jpg");
        row.add("more", i);
        if (i > 0) {
          row.add("id", "row " + i);
          row.add("prompt", "What?");
        }
        rows.write(row);
      }
    }
    byte[] content = Files.readAllBytes(file);
    Files.delete(file);
    return Stream.of(arguments(named("seed.parquet", content)));
  }

  @FuzzTest
  void shouldReadOrRejectAnyLines(byte[] content) throws IOException {
    Path file = write("fuzzed.jsonl", content);
    try (References lines = JsonManifest.open(file, LIMIT)) {
      assertThat(read(lines)).isEqualTo(JsonManifest.countLines(file, LIMIT));
    }
  }

  @MethodSource("manifests")
  @FuzzTest
  void shouldReadOrRefuseAnyParquetFile(byte[] content) throws IOException {
    Path file = write("fuzzed.parquet", content);
    try (References rows = ParquetManifest.open(file)) {
      read(rows);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("fuzzed.parquet");
    }
  }

  private static long read(References references) throws IOException {
    long rows = 0;
    for (ImageReference next; (next = references.next()) != null; rows++) {
      assertThat(next.id()).isNotNull();
      assertThat(next.image() == null).isEqualTo(next.rejection() != null);
    }
    return rows;
  }

  private static Path write(String name, byte[] content) throws IOException {
    return new Path(Files.write(folder.resolve(name), content).toString());
  }
}
