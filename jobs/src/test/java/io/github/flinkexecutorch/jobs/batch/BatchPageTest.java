package io.github.flinkexecutorch.jobs.batch;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Holds the table of docs/batch.md to the code: {@code -Ddocs.write=true} writes it anew. */
class BatchPageTest {
  private static final Path PAGE = Path.of("../docs/batch.md");

  /** Those for which bin/batch has a value. */
  private static final List<String> NEEDED = List.of("--model", "--output");

  private static final String BEGIN = "<!-- options -->\n";
  private static final String END = "\n<!-- /options -->";

  @Test
  void shouldHoldTheArgumentsOfTheCode() throws IOException {
    String page = Files.readString(PAGE);
    String expected =
        page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
            + table()
            + page.substring(page.indexOf(END));
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(Files.readString(PAGE))
        .as("run this test with -Ddocs.write=true to bring %s up to date", PAGE)
        .isEqualTo(expected);
  }

  private static String table() {
    CommandSpec command = new CommandLine(new BatchInferenceOptions()).getCommandSpec();
    Stream<String> input =
        command.positionalParameters().stream()
            .map(argument -> row(argument.paramLabel(), "required", argument.description()));
    Stream<String> options =
        command.options().stream()
            .filter(option -> !option.usageHelp() && !option.versionHelp())
            .map(option -> row(option.longestName(), value(option), option.description()));
    return Stream.concat(
            Stream.of("| Argument | Default | Description |", "| --- | --- | --- |"),
            Stream.concat(input, options))
        .collect(joining("\n"));
  }

  private static String row(String name, String value, String... description) {
    return "| `%s` | %s | %s |".formatted(name, value, String.join(" ", description));
  }

  private static String value(OptionSpec option) {
    Object value = option.initialValue();
    if (NEEDED.contains(option.longestName())) {
      return "required";
    }
    boolean empty =
        value == null
            || value.equals(false)
            || (value instanceof Collection<?> list && list.isEmpty())
            || (value instanceof Map<?, ?> map && map.isEmpty());
    if (empty) {
      return "none";
    }
    return value instanceof Duration duration
        ? "`" + TimeUtils.formatWithHighestUnit(duration) + "`"
        : "`" + value + "`";
  }
}
