package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What Prometheus's own tool says of the rules, and of the configuration that names them. */
class AlertRulesITCase {
  private static final Path SERIES = Path.of("src/test/resources/prometheus/alerts-test.yml");

  @Test
  void shouldBeValidAndNamedByTheConfiguration() throws Exception {
    assertThat(PrometheusPackage.promtool("check", "config", "../docker/prometheus.yml"))
        .contains("SUCCESS: " + Alerts.rules().size() + " rules found");
  }

  @Test
  void shouldFireAndKeepQuietAsTheSeriesOfTheTestSay() throws Exception {
    PrometheusPackage.promtool("test", "rules", SERIES.toString());
  }

  /** Each rule has series for which it fires; there are others beside them. */
  @Test
  void shouldAllBeTried() {
    Set<String> fire = new TreeSet<>();
    for (JsonNode test : Alerts.yaml(SERIES).get("tests")) {
      for (String labels : test.findValuesAsText("labels")) {
        fire.add(labels.replaceFirst(".*alertname=\"(\\w+)\".*", "$1"));
      }
    }
    assertThat(fire).isEqualTo(Alerts.rules().stream().map(Alerts.Rule::name).collect(toSet()));
  }
}
