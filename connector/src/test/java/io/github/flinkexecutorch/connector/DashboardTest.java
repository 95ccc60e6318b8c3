package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** {@link PrometheusITCase} looks whether a cluster really has what the dashboard asks for. */
class DashboardTest {
  private static final Dashboard DASHBOARD = Dashboard.read();

  @Test
  void shouldAskForKnownMetricsOnly() {
    assertThat(DASHBOARD.queries())
        .allSatisfy(query -> assertThat(PrometheusNames.in(query)).isNotEmpty());
    assertThat(PrometheusNames.known()).containsAll(DASHBOARD.metrics());
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {
        "COMPLETIONS",
        "FAILURES",
        "GENERATED_TOKENS",
        "PROMPT_TOKENS",
        "PREFIX_HITS",
        "TIME_TO_FIRST_TOKEN",
        "REQUEST_TIME",
        "QUEUE_TIME",
        "IN_FLIGHT",
        "ENGINE_WAITING",
        "ENGINE_SHARED_BY",
        "ENGINE_STEPS",
        "ENGINE_ROWS",
        "ENGINE_USED_PAGES",
        "ENGINE_IDLE_PAGES",
        "ENGINE_FREE_PAGES",
        "NATIVE_RSS_BYTES"
      })
  void shouldShow(LlmMetric metric) {
    assertThat(DASHBOARD.metrics()).contains(PrometheusNames.of(metric));
  }

  @Test
  void shouldDivideFailuresByTheirKinds() {
    assertThat(DASHBOARD.queries())
        .anySatisfy(query -> assertThat(query).contains("by (kind)", "kind_failures"));
  }

  /**
   * Subtasks that share an engine show its values each. {@link EngineSharingITCase} has some
   * evaluated.
   */
  @Test
  void shouldCountEachEngineOnce() {
    String engines =
        Arrays.stream(LlmMetric.values())
            .filter(metric -> metric.scope() == LlmMetric.Scope.ENGINE)
            .filter(metric -> metric != LlmMetric.ENGINE_SHARED_BY)
            .map(PrometheusNames::of)
            .collect(joining("|"));
    Pattern undivided =
        Pattern.compile(
            "(%s)\\{[^}]*}(\\[[^]]*]\\))?+(?! / %s\\{)"
                .formatted(engines, PrometheusNames.of(LlmMetric.ENGINE_SHARED_BY)));

    assertThat(DASHBOARD.expressions())
        .noneMatch(expression -> undivided.matcher(expression).find());
  }

  @Test
  void shouldBePlacedWithoutOverlaps() {
    List<JsonNode> panels = DASHBOARD.panels();

    assertThat(panels).extracting(panel -> panel.get("id").asInt()).doesNotHaveDuplicates();
    assertThat(panels).extracting(panel -> panel.get("title").asText()).doesNotHaveDuplicates();
    for (JsonNode one : panels) {
      JsonNode place = one.get("gridPos");
      assertThat(place.get("x").asInt() + place.get("w").asInt()).isLessThanOrEqualTo(24);
      assertThat(panels)
          .filteredOn(other -> !other.equals(one))
          .noneMatch(other -> overlap(place, other.get("gridPos")));
    }
  }

  private static boolean overlap(JsonNode one, JsonNode other) {
    return meet(one, other, "x", "w") && meet(one, other, "y", "h");
  }

  private static boolean meet(JsonNode one, JsonNode other, String at, String size) {
    int from = Math.max(one.get(at).asInt(), other.get(at).asInt());
    int to =
        Math.min(
            one.get(at).asInt() + one.get(size).asInt(),
            other.get(at).asInt() + other.get(size).asInt());
    return from < to;
  }
}
