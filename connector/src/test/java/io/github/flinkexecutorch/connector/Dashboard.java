package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

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

  /** What its panels and its variables ask Prometheus for. */
  List<String> queries() {
    List<String> queries = new ArrayList<>();
    for (JsonNode panel : panels()) {
      panel.get("targets").forEach(target -> queries.add(target.get("expr").asText()));
    }
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
