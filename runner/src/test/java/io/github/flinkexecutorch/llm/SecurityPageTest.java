package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds docs/security.md to the tests of all modules and to the options. */
class SecurityPageTest {
  private static final Path PAGE = Path.of("../docs/security.md");
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|ITCase|Check))(?:#(\\w+))?`");
  private static final Pattern DEFENCE =
      Pattern.compile("(?m)^\\| [^|]+ \\|[^|]+\\|[^|]+\\|.*\\|$");
  private static final Pattern OPTION = Pattern.compile("`(executorch\\.[a-z.-]+)(?:: \\w+)?`");

  @Test
  void shouldNameTestsThatExist() throws IOException {
    for (MatchResult named : TEST.matcher(Files.readString(PAGE)).results().toList()) {
      String test = named.group(2);
      assertThat(FaultPageTest.sources(named.group(1)))
          .as(named.group())
          .anyMatch(
              source ->
                  test == null
                      || source.contains("void " + test + "(")
                      || source.contains("ArchRule " + test + " "));
    }
  }

  @Test
  void shouldShowEachDefenceByATest() throws IOException {
    String page = Files.readString(PAGE);
    String defended =
        page.substring(page.indexOf("## What is defended"), page.indexOf("## What is not"));
    List<String> rows =
        DEFENCE.matcher(defended).results().map(MatchResult::group).skip(1).toList();
    assertThat(rows).hasSizeGreaterThan(15).allMatch(row -> TEST.matcher(row).find());
  }

  @Test
  void shouldNameOptionsThatExist() throws IOException {
    String options = Files.readString(Path.of("../docs/options.md"));
    List<String> named =
        OPTION.matcher(Files.readString(PAGE)).results().map(found -> found.group(1)).toList();
    assertThat(named).isNotEmpty().allMatch(option -> options.contains("| `" + option + "` |"));
  }
}
