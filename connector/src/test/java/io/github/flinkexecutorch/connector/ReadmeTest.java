package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Path OPTIONS = Path.of("..", "docs", "options.md");
  private static final Path TESTS = Path.of("src/test/java/io/github/flinkexecutorch/connector");

  /** With {@code -Dreadme.write=true} it writes the tables instead. */
  @Test
  void shouldHoldTheTablesOfTheCode() throws IOException {
    requireUpToDate(README, ReadmeTables::updated);
    requireUpToDate(OPTIONS, ReadmeTables::updatedOptions);
  }

  private static void requireUpToDate(Path file, UnaryOperator<String> updated) throws IOException {
    String page = Files.readString(file);
    if (Boolean.getBoolean("readme.write")) {
      Files.writeString(file, updated.apply(page));
    }
    assertThat(Files.readString(file))
        .as("run this test with -Dreadme.write=true to bring %s up to date", file)
        .isEqualTo(updated.apply(page));
  }

  @Test
  void shouldShowTheExampleOfImagesThatIsTested() throws IOException {
    String test =
        Files.readString(TESTS.resolve("ImagesExampleITCase.java"))
            .replace("../sample-data", "sample-data");
    String example =
        test.substring(test.indexOf("// README {\n") + 12, test.indexOf("    // }\n"))
            .lines()
            .map(String::stripTrailing)
            .map(line -> line.substring(4))
            .collect(Collectors.joining("\n"));
    assertThat(Files.readString(Path.of("../docs/images.md")))
        .contains("```java\n" + example + "\n```");
  }
}
