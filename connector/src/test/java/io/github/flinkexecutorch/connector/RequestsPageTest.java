package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ConfigOption;
import org.junit.jupiter.api.Test;

/** Holds docs/requests.md to the code. */
class RequestsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "requests.md");
  private static final Pattern OVERRIDE = Pattern.compile("(?m)^\\| `(\\w+)` \\|");
  private static final Pattern OPTION = Pattern.compile("`?\\b(executorch\\.[a-z.-]+[a-z])\\b`?");

  @Test
  void shouldListEachOptionOfARecord() throws IOException {
    String page = Files.readString(PAGE);
    String table =
        page.substring(page.indexOf("<!-- overrides -->"), page.indexOf("<!-- /overrides -->"));
    List<String> names =
        OVERRIDE.matcher(table).results().map(override -> override.group(1)).toList();

    assertThat(names).containsExactlyInAnyOrderElementsOf(OverridesReader.NAMES);
  }

  @Test
  void shouldNameOptionsThatExist() throws IOException {
    Set<String> keys =
        Arrays.stream(ExecuTorchOptions.class.getFields())
            .map(RequestsPageTest::keyOf)
            .collect(toSet());

    assertThat(OPTION.matcher(Files.readString(PAGE)).results().map(MatchResult::group))
        .allMatch(named -> keys.contains(named.replace("`", "")));
  }

  private static String keyOf(Field field) {
    try {
      return ((ConfigOption<?>) field.get(null)).key();
    } catch (IllegalAccessException e) {
      throw new AssertionError("Option " + field.getName() + " is not public.", e);
    }
  }
}
