package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.junit.jupiter.api.Test;

/** Holds docs/operations.md to the code. */
class OperationsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "operations.md");
  private static final Path EXAMPLE =
      Path.of("src/test/java/io/github/flinkexecutorch/connector/SavepointITCase.java");
  private static final Set<String> OPTIONS =
      Stream.of(
              ExecuTorchOptions.CACHE_MAX_BYTES,
              ExecuTorchOptions.RETRY_MAX_ATTEMPTS,
              ExecuTorchOptions.RATE,
              ExecuTorchOptions.WARM_UP,
              ExecuTorchOptions.MEMORY_CHECK,
              ExecuTorchOptions.MODEL_FIELD,
              ExecuTorchOptions.MODEL_VERSION_FILE)
          .map(ConfigOption::key)
          .collect(Collectors.toSet());
  private static final List<LlmMetric> METRICS =
      List.of(
          LlmMetric.ENGINE_STATE,
          LlmMetric.ENGINE_SECONDS_SINCE_STEP,
          LlmMetric.WARM_UP_TIME,
          LlmMetric.CACHE_HITS,
          LlmMetric.CACHE_MISSES,
          LlmMetric.CACHE_BYTES,
          LlmMetric.RETRIES,
          LlmMetric.RATE_WAITING,
          LlmMetric.MODEL_SWAPS,
          LlmMetric.MODEL_SWAP_FAILURES);

  /** With {@code -Ddocs.write=true} it writes the tables instead. */
  @Test
  void shouldHoldTheTablesOfTheCode() throws IOException {
    String page = Files.readString(PAGE);
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, updated(page));
    }
    assertThat(Files.readString(PAGE))
        .as("run this test with -Ddocs.write=true to bring %s up to date", PAGE)
        .isEqualTo(updated(page));
  }

  /** Every option and metric of the text is one of the code. */
  @Test
  void shouldNameWhatThereIs() throws IOException {
    String page = Files.readString(PAGE);
    List<String> keys =
        ReadmeTables.optionsOf(ExecuTorchOptions.class).map(row -> row.get(0)).toList();

    assertThat(
            Pattern.compile("`executorch\\.(?!failure\\.)[a-z.-]+`")
                .matcher(page)
                .results()
                .map(match -> match.group())
                .toList())
        .isNotEmpty()
        .isSubsetOf(keys);
    for (MatchResult used :
        Pattern.compile("executorch\\.[a-z.-]+(?==)").matcher(page).results().toList()) {
      assertThat(keys).contains("`" + used.group() + "`");
    }
  }

  /** The example is part of a test. */
  @Test
  void shouldShowWhatIsRun() throws IOException {
    String test = Files.readString(EXAMPLE);
    String run = test.substring(test.indexOf("// routing {\n") + 13, test.indexOf("\n    // }\n"));
    String page = Files.readString(PAGE);

    assertThat(page)
        .containsOnlyOnce("```java")
        .contains("```java\n" + run.stripIndent() + "\n```");
  }

  private static String updated(String page) {
    return ReadmeTables.replace(
        ReadmeTables.replace(
            page,
            "operations-options",
            ReadmeTables.table(
                List.of("Option", "Required", "Default", "Type", "Description"),
                ReadmeTables.optionsOf(ExecuTorchOptions.class)
                    .filter(row -> OPTIONS.contains(row.get(0).replace("`", ""))))),
        "operations-metrics",
        ReadmeTables.table(
            List.of("Metric", "Type", "Description"),
            METRICS.stream()
                .map(
                    metric ->
                        List.of(
                            ReadmeTables.code(metric.metricName()),
                            metric.type().name().toLowerCase(Locale.ROOT),
                            metric.description()))));
  }
}
