package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toCollection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The dashboard for Grafana, as the repository has it. */
record Dashboard(JsonNode json) {
  static final Path FILE = Path.of("..", "docker/grafana/dashboards/flink-executorch.json");

  static Dashboard read() {
    try {
      return new Dashboard(new ObjectMapper().readTree(FILE.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<JsonNode> panels() {
    List<JsonNode> panels = new ArrayList<>();
    json.get("panels").forEach(panels::add);
    return panels;
  }

  /** What its panels ask Prometheus for, with the dashboard's variables. */
  List<String> expressions() {
    return panels().stream().flatMap(Dashboard::expressions).collect(toCollection(ArrayList::new));
  }

  /** What the panel with a title asks for. */
  List<String> expressionsOf(String title) {
    return panels().stream()
        .filter(panel -> panel.get("title").asText().equals(title))
        .flatMap(Dashboard::expressions)
        .toList();
  }

  private static Stream<String> expressions(JsonNode panel) {
    return panel.get("targets").findValuesAsText("expr").stream();
  }

  /** An expression as Grafana sends it for all jobs. */
  static String sent(String expression) {
    return expression.replace("$job", ".*").replace("$__rate_interval", "1m");
  }

  /** What its panels and its variables ask Prometheus for. */
  List<String> queries() {
    List<String> queries = expressions();
    json.get("templating").get("list").forEach(list -> queries.add(list.get("query").asText()));
    return queries;
  }

  /** The metrics that it shows. */
  Set<String> metrics() {
    Set<String> metrics = new TreeSet<>();
    queries().forEach(query -> metrics.addAll(PrometheusNames.in(query)));
    return metrics;
  }
}
