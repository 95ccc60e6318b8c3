package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.connector.RecordOrigin;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.core.fs.Path;
import org.apache.parquet.example.data.Group;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a file of records, and any texts as values that name folders of results. */
class BatchFilesFuzzTest {
  private static final int LIMIT = 16;
  private static final Path OUT = new Path("/out");

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static java.nio.file.Path folder;

  static Stream<Arguments> parquetFiles() throws IOException {
    List<Group> rows = Collections.nCopies(3, ParquetRecordReaderTest.rowOfManyTypes());
    java.nio.file.Path file =
        ParquetRecordReaderTest.write(folder, ParquetRecordReaderTest.MANY_TYPES, rows, 4096);
    byte[] content = Files.readAllBytes(file);
    Files.delete(file);
    return Stream.of(arguments(named("seed.parquet", content)));
  }

  @FuzzTest
  void shouldReadAnyLinesOnceWhereverTheyAreCut(byte[] content) throws IOException {
    Path file = write("fuzzed.jsonl", content);
    List<RecordAndPosition<RecordOrigin>> whole = lines(split(file, 0, content.length));

    for (RecordAndPosition<RecordOrigin> read : whole) {
      assertThat(read.getRecord().value()).hasSizeBetween(1, LIMIT + 3);
      assertThat(read.getRecord().offset()).isBetween(0L, content.length - 1L);
    }
    int cut = content.length == 0 ? 0 : (content[0] & 0xff) % (content.length + 1);
    List<RecordAndPosition<RecordOrigin>> parts = new ArrayList<>(lines(split(file, 0, cut)));
    parts.addAll(lines(split(file, cut, content.length - cut)));
    assertThat(texts(parts)).isEqualTo(texts(whole));
    if (!whole.isEmpty()) {
      int done = whole.size() / 2;
      RecordAndPosition<RecordOrigin> last = whole.get(done);
      FileSourceSplit rest =
          split(file, 0, content.length)
              .updateWithCheckpointedPosition(
                  new CheckpointedPosition(last.getOffset(), last.getRecordSkipCount()));
      assertThat(texts(lines(rest))).isEqualTo(texts(whole.subList(done + 1, whole.size())));
    }
  }

  @MethodSource("parquetFiles")
  @FuzzTest
  void shouldReadOrRefuseAnyParquetFile(byte[] content) throws IOException {
    Path file = write("fuzzed.parquet", content);
    FileSourceSplit split = split(file, 0, content.length);
    try (ParquetRecordReader rows = ParquetRecordReader.open("fuzzed.parquet", split)) {
      for (RecordAndPosition<RecordOrigin> row; (row = rows.next()) != null; ) {
        assertThat(JSON.readTree(row.getRecord().value()).isObject()).isTrue();
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("fuzzed.parquet");
    }
  }

  /** Two values, one on each of the first two lines. */
  @FuzzTest
  void shouldNameAFolderOfItsOwnForAnyValue(byte[] content) {
    List<String> values = List.of(new String(content, UTF_8).split("\n", 3));
    for (String value : values) {
      String name = HivePath.of("key", value);
      assertThat(name.getBytes(UTF_8)).hasSizeLessThan(255);
      assertThat(new Path(OUT, name).getParent()).isEqualTo(OUT);
      assertThat(new Path(OUT, name).getName()).isEqualTo(name).doesNotEndWith(".");
    }
    String first = values.get(0);
    String last = values.get(values.size() - 1);
    assertThat(HivePath.of("key", first).equals(HivePath.of("key", last)))
        .isEqualTo(first.equals(last));
  }

  private static List<RecordAndPosition<RecordOrigin>> lines(FileSourceSplit split)
      throws IOException {
    List<RecordAndPosition<RecordOrigin>> all = new ArrayList<>();
    try (JsonLineReader lines = JsonLineReader.open("fuzzed.jsonl", split, LIMIT)) {
      for (RecordAndPosition<RecordOrigin> line; (line = lines.next()) != null; ) {
        all.add(line);
      }
    }
    return all;
  }

  private static List<String> texts(List<RecordAndPosition<RecordOrigin>> read) {
    return read.stream()
        .map(RecordAndPosition::getRecord)
        .map(line -> line.offset() + new String(line.value(), UTF_8) + CutRecord.bytes(line))
        .toList();
  }

  private static FileSourceSplit split(Path file, long from, long length) throws IOException {
    return new FileSourceSplit(
        "0", file, from, length, 0, file.getFileSystem().getFileStatus(file).getLen());
  }

  private static Path write(String name, byte[] content) throws IOException {
    return new Path(Files.write(folder.resolve(name), content).toString());
  }
}
