package io.github.flinkexecutorch.jobs.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a caption says about a scene. */
final class SceneCaption {
  /** That one kind of things stands so to another. */
  record Relation(String subject, String relation, String object) {}

  private final Map<String, Map<String, String>> things = new LinkedHashMap<>();
  private final List<Relation> relations = new ArrayList<>();
  private String weather;
  private String time;

  /** For each kind what is said of it: colour, size, count. */
  Map<String, Map<String, String>> things() {
    return things;
  }

  List<Relation> relations() {
    return relations;
  }

  /** The weather, {@code null} if nothing is said. */
  String weather() {
    return weather;
  }

  /** The time of day, {@code null} if nothing is said. */
  String time() {
    return time;
  }

  void relate(String subject, String relation, String object) {
    relations.add(new Relation(subject, relation, object));
  }

  void setting(JsonNode setting) {
    weather = setting.get("weather").asText();
    time = setting.get("time").asText();
  }
}
