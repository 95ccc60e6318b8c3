package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.Alerts.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link AlertRulesITCase} has the rules evaluated. */
class AlertsTest {
  @Test
  void shouldHaveNamesOfTheirOwn() {
    assertThat(Alerts.rules()).extracting(Rule::name).isNotEmpty().doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("io.github.flinkexecutorch.connector.Alerts#rules")
  void shouldAskForKnownMetricsAndSayWhatToDo(Rule rule) {
    assertThat(PrometheusNames.in(rule.expression()))
        .isNotEmpty()
        .isSubsetOf(PrometheusNames.known());
    assertThat(rule.severity()).isIn("critical", "warning");
    assertThat(rule.meaning()).endsWith(".");
    assertThat(rule.remedy()).endsWith(".");
  }
}
