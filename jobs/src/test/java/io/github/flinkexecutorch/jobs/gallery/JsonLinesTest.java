package io.github.flinkexecutorch.jobs.gallery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  @TempDir private Path folder;

  @Test
  void shouldReadFinishedPartsInOrder() throws IOException {
    write("2026-11-25/part-b.jsonl", "3\n4\n");
    write("2026-11-25/part-a.jsonl", "1\r\n\n2");
    write("part-c.jsonl", "\u00e9\n");
    write("2026-11-25/.part-d.jsonl.inprogress.1", "not committed\n");
    write("_temporary/part-e.jsonl", "not committed\n");

    assertThat(lines(folder)).containsExactly("1", "2", "3", "4", "\u00e9");
  }

  @Test
  void shouldHaveNoLinesOfMissingFolder() throws IOException {
    assertThat(lines(folder.resolve("missing"))).isEmpty();
  }

  private void write(String name, String content) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.writeString(folder.resolve(name), content);
  }

  private static Iterable<String> lines(Path folder) throws IOException {
    try (Stream<String> lines = JsonLines.under(new org.apache.flink.core.fs.Path(folder.toUri()))) {
      return lines.toList();
    }
  }
}
