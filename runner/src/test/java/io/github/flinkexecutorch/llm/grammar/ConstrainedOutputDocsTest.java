package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConstrainedOutputDocsTest {
  private static final Path PAGE = Path.of("../docs/constrained-output.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([^`]+)` \\| (enforced|ignored|refused) \\| (.*?) ?\\|$");

  @Test
  void shouldListTheKeywordsThatTheCodeKnows() throws IOException {
    Map<String, String> expected = new TreeMap<>();
    SchemaKeywords.GENERAL.forEach(keyword -> expected.put(keyword, "enforced"));
    SchemaKeywords.BY_TYPE.values().stream()
        .flatMap(Collection::stream)
        .forEach(keyword -> expected.put(keyword, "enforced"));
    SchemaKeywords.IGNORED.forEach(keyword -> expected.put(keyword, "ignored"));
    SchemaKeywords.REFUSED.keySet().forEach(keyword -> expected.put(keyword, "refused"));

    Map<String, String> listed = new TreeMap<>();
    rows().results().forEach(row -> listed.put(row.group(1), row.group(2)));

    assertThat(listed).isEqualTo(expected);
  }

  @Test
  void shouldGiveTheAdviceOfTheMessages() throws IOException {
    Map<String, String> advice = new TreeMap<>();
    rows()
        .results()
        .filter(row -> row.group(2).equals("refused"))
        .forEach(row -> advice.put(row.group(1), row.group(3)));

    assertThat(advice).isEqualTo(new TreeMap<>(SchemaKeywords.REFUSED));
  }

  @Test
  void shouldListTheFormats() throws IOException {
    assertThat(Files.readString(PAGE))
        .contains("`" + String.join("`, `", StringFormats.names()) + "`; any other is refused");
  }

  private static Matcher rows() throws IOException {
    return ROW.matcher(Files.readString(PAGE));
  }
}
