package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConformancePageTest {
  private static final Path PAGE = Path.of("").toAbsolutePath().resolve("../docs/conformance.md");

  @Test
  void shouldSayOfEveryModelWhatTheManifestsSay() throws IOException {
    List<String> expected =
        Stream.of("text.json", "media.json")
            .flatMap(manifest -> ConformanceModel.of(manifest).stream())
            .map(ConformancePageTest::row)
            .toList();
    List<String> rows =
        Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("| ")).skip(1).toList();
    assertThat(rows)
        .as("docs/conformance.md; models/conformance writes it")
        .containsExactlyElementsOf(expected);
  }

  private static String row(ConformanceModel model) {
    return Stream.of(
            model.family(),
            model.name(),
            model.exporter(),
            model.runner(),
            model.program(),
            model.result(),
            model.oracle() == null ? "-" : model.oracle())
        .map(cell -> cell.replace("|", "\\|"))
        .reduce("|", (row, cell) -> row + " " + cell + " |");
  }
}
