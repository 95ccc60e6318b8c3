package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds docs/faults.md to the tests of all modules. */
class FaultPageTest {
  private static final Path PAGE = Path.of("../docs/faults.md");
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|ITCase))#(\\w+)`");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\|.*");

  @Test
  void shouldNameTestsThatExist() throws IOException {
    for (MatchResult named : TEST.matcher(Files.readString(PAGE)).results().toList()) {
      assertThat(sources(named.group(1)))
          .as(named.group())
          .anyMatch(source -> source.contains("void " + named.group(2) + "("));
    }
  }

  @Test
  void shouldShowEachRowByATestOrSayWhyNot() throws IOException {
    List<MatchResult> rows = ROW.matcher(Files.readString(PAGE)).results().toList();

    assertThat(rows)
        .extracting(row -> Integer.valueOf(row.group(1)))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 51).boxed().toList());
    assertThat(rows)
        .allMatch(row -> TEST.matcher(row.group()).find() || row.group().contains("| Not run: "));
  }

  /** The sources of the test classes of this name in all modules. */
  static List<String> sources(String test) throws IOException {
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      List<Path> roots =
          modules
              .map(module -> module.resolve("src/test/java"))
              .filter(Files::isDirectory)
              .toList();
      List<String> found = new ArrayList<>();
      for (Path root : roots) {
        try (Stream<Path> files = Files.walk(root)) {
          for (Path file : files.filter(path -> path.endsWith(test + ".java")).toList()) {
            found.add(Files.readString(file));
          }
        }
      }
      return found;
    }
  }
}
