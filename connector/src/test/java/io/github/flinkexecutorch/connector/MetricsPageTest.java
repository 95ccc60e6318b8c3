package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Holds docs/metrics.md to the code and the alerts. With {@code -Ddocs.write=true} it writes its
 * tables anew.
 */
class MetricsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "metrics.md");

  @Test
  void shouldHoldTheTablesOfTheCodeAndTheAlerts() throws IOException {
    String page = Files.readString(PAGE);
    String expected = ReadmeTables.replace(page, "metrics", metrics());
    expected = ReadmeTables.replace(expected, "scopes", scopes());
    expected = ReadmeTables.replace(expected, "prometheus", prometheusNames());
    expected = ReadmeTables.replace(expected, "alerts", Alerts.table());
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(Files.readString(PAGE))
        .as("run this test with -Ddocs.write=true to bring %s up to date", PAGE)
        .isEqualTo(expected);
  }

  @Test
  void shouldAskForMetricsThatAreThere() throws IOException {
    assertThat(PrometheusNames.known()).containsAll(PrometheusNames.in(Files.readString(PAGE)));
  }

  private static String metrics() {
    return ReadmeTables.table(
        List.of("Name", "Scope", "Type", "Unit", "Meaning"),
        Arrays.stream(LlmMetric.values())
            .map(
                metric ->
                    List.of(
                        ReadmeTables.code(metric.metricName()),
                        lowerCase(metric.scope()),
                        lowerCase(metric.type())
                            + metric
                                .label()
                                .map(label -> ", label " + ReadmeTables.code(label))
                                .orElse(""),
                        metric.unit().toString(),
                        metric.description())));
  }

  private static String scopes() {
    return ReadmeTables.table(
        List.of("Scope", "Whose values"),
        Arrays.stream(LlmMetric.Scope.values())
            .map(scope -> List.of(lowerCase(scope), scope.description())));
  }

  /** One of each kind. */
  private static String prometheusNames() {
    return List.of(LlmMetric.COMPLETIONS, LlmMetric.FAILURES, LlmMetric.TIME_TO_FIRST_TOKEN)
        .stream()
        .map(metric -> "    " + PrometheusNames.of(metric))
        .collect(joining("\n"));
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
