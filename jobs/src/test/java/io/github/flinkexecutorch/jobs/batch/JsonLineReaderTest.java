package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.RecordOrigin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLineReaderTest {
  private static final int LIMIT = 1000;

  @TempDir private Path folder;

  @Test
  void shouldReadEveryLineOnceWhereverTheFileIsCut() throws IOException {
    Path file = write("a.jsonl", "{\"a\":1}\r\n\n  {\"b\":2}\n \t\n{\"ä\":3}\n\n{\"last\":4}");
    long size = Files.size(file);
    List<RecordAndPosition<RecordOrigin>> whole = read(split(file, 0, size));

    assertThat(whole)
        .extracting(JsonLineReaderTest::text)
        .containsExactly("{\"a\":1}", "{\"b\":2}", "{\"ä\":3}", "{\"last\":4}");
    assertThat(whole)
        .extracting(read -> read.getRecord().offset())
        .as("where their lines begin")
        .containsExactly(0L, 10L, 23L, 33L);
    for (long cut = 0; cut <= size; cut++) {
      List<RecordAndPosition<RecordOrigin>> parts = new ArrayList<>(read(split(file, 0, cut)));
      parts.addAll(read(split(file, cut, size - cut)));
      assertThat(parts)
          .as("cut at %d", cut)
          .extracting(JsonLineReaderTest::text)
          .isEqualTo(whole.stream().map(JsonLineReaderTest::text).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jsonl", "a.jsonl.gz"})
  void shouldGoOnWhereItWasLeft(String name) throws IOException {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      text.append("\"%d%s\"\n".formatted(i, "x".repeat(random.nextInt(LIMIT - 10))));
    }
    Path file = write(name, text.toString());
    FileSourceSplit split = split(file, 0, Files.size(file));
    List<RecordAndPosition<RecordOrigin>> all = read(split);
    assertThat(all).hasSize(200);

    for (int i = 0; i < all.size(); i += 11) {
      CheckpointedPosition position =
          new CheckpointedPosition(all.get(i).getOffset(), all.get(i).getRecordSkipCount());
      assertThat(read(split.updateWithCheckpointedPosition(position)))
          .extracting(JsonLineReaderTest::text)
          .isEqualTo(
              all.subList(i + 1, all.size()).stream().map(JsonLineReaderTest::text).toList());
    }
  }

  @Test
  void shouldKeepLittleOfALineThatIsTooLong() throws IOException {
    String longest = "\"" + "x".repeat(LIMIT - 2) + "\"";
    Path file =
        write("a.jsonl", longest + "\r\n" + "y".repeat(100 * LIMIT) + "\n" + " ".repeat(5000));

    List<RecordAndPosition<RecordOrigin>> read = read(split(file, 0, Files.size(file)));

    assertThat(text(read.get(0))).as("a line of the limit").isEqualTo(longest);
    assertThat(CutRecord.bytes(read.get(0).getRecord())).isEmpty();
    assertThat(read.get(1).getRecord().value()).hasSizeBetween(LIMIT + 1, LIMIT + 10);
    assertThat(CutRecord.bytes(read.get(1).getRecord())).hasValue(100 * LIMIT + 1);
    assertThat(CutRecord.bytes(read.get(2).getRecord()))
        .as("nobody knows whether it is blank")
        .hasValue(5000);
  }

  @Test
  void shouldHoldLittleOfALineOfHalfAGigabyte() throws IOException {
    List<InputStream> blocks =
        Collections.nCopies(512, new byte[1 << 20]).stream()
            .map(block -> (InputStream) new ByteArrayInputStream(block))
            .toList();
    InputStream in = new SequenceInputStream(Collections.enumeration(blocks));
    long before = used();
    JsonLineReader reader = new JsonLineReader("a", in, 0, Long.MAX_VALUE, LIMIT);

    RecordOrigin record = reader.next().getRecord();

    assertThat(CutRecord.bytes(record)).hasValue(512L << 20);
    assertThat(record.value()).hasSizeLessThan(2 * LIMIT);
    assertThat(used() - before).isLessThan(100 << 20);
    assertThat(reader.next()).isNull();
  }

  @Test
  void shouldLeaveOutTheByteOrderMark() throws IOException {
    Path file = write("a.jsonl", "\ufeff{\"a\":1}\n");

    assertThat(read(split(file, 0, Files.size(file))))
        .extracting(JsonLineReaderTest::text)
        .containsExactly("{\"a\":1}");
  }

  private static long used() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private Path write(String name, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    if (name.endsWith(".gz")) {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
        out.write(bytes);
      }
      bytes = packed.toByteArray();
    }
    return Files.write(folder.resolve(name), bytes);
  }

  private static FileSourceSplit split(Path file, long from, long length) throws IOException {
    org.apache.flink.core.fs.Path path = new org.apache.flink.core.fs.Path(file.toString());
    return new FileSourceSplit("0", path, from, length, 0, Files.size(file));
  }

  private static List<RecordAndPosition<RecordOrigin>> read(FileSourceSplit split)
      throws IOException {
    List<RecordAndPosition<RecordOrigin>> all = new ArrayList<>();
    try (JsonLineReader reader = JsonLineReader.open("a", split, LIMIT)) {
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
