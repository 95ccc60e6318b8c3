package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The rules for Prometheus, as the repository has them. */
final class Alerts {
  static final Path FILE = Path.of("..", "docker", "alerts.yml");

  private static final Pattern PAGE = Pattern.compile("(docs/)?(([\\w-]+)\\.md(#[\\w-]+)?)");

  private Alerts() {}

  /**
   * One of them.
   *
   * @param lasting how long the expression must have samples before it fires
   */
  record Rule(
      String name,
      String expression,
      String lasting,
      String severity,
      String meaning,
      String remedy) {

    private static Rule of(JsonNode rule) {
      return new Rule(
          rule.get("alert").asText(),
          rule.get("expr").asText(),
          rule.path("for").asText("at once"),
          rule.at("/labels/severity").asText(),
          rule.at("/annotations/summary").asText(),
          rule.at("/annotations/description").asText());
    }
  }

  static List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    yaml(FILE).at("/groups/0/rules").forEach(rule -> rules.add(Rule.of(rule)));
    return rules;
  }

  /** Their table in a page of docs/. */
  static String table() {
    return ReadmeTables.table(
        List.of("Alert", "Expression", "For", "Severity", "What it means", "What to do"),
        rules().stream()
            .map(
                rule ->
                    Stream.of(
                            ReadmeTables.code(rule.name),
                            ReadmeTables.code(rule.expression),
                            rule.lasting,
                            rule.severity,
                            linked(rule.meaning),
                            linked(rule.remedy))
                        .map(cell -> cell.replace("|", "\\|"))
                        .toList()));
  }

  static JsonNode yaml(Path file) {
    try {
      return new ObjectMapper()
          .valueToTree(
              new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With links in place of the paths of pages. */
  private static String linked(String text) {
    return PAGE.matcher(text)
        .replaceAll(page -> "[$3.md](%s$2)".formatted(page.group(1) == null ? "../" : ""));
  }
}
