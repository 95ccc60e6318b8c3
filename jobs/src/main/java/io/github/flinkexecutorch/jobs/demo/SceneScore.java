package io.github.flinkexecutorch.jobs.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.jobs.demo.SceneCaption.Relation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Captions against the truth of their scenes.
 *
 * @param right how many single facts of {@code stated} are right
 * @param stated facts that the captions state: things, their attributes, relations, weather and
 *     time; a thing that is not named counts as stated, and wrong
 * @param named things that are named, of {@code things}
 * @param things things in the scenes
 */
record SceneScore(int right, int stated, int named, int things) {
  static final SceneScore NONE = new SceneScore(0, 0, 0, 0);
  private static final List<String> ATTRIBUTES = List.of("colour", "size", "count");
  private static final int SETTING = 2;

  static SceneScore of(SceneCaption caption, JsonNode truth, SceneReader reader) {
    Map<String, JsonNode> wanted = new HashMap<>();
    truth.get("objects").forEach(thing -> wanted.put(thing.get("kind").asText(), thing));
    Set<Relation> holding = holding(truth.get("relations"), reader);
    int right = 0;
    int stated = SETTING + caption.relations().size();
    int named = 0;
    for (Map.Entry<String, Map<String, String>> told : caption.things().entrySet()) {
      JsonNode thing = wanted.get(told.getKey());
      stated += 1 + told.getValue().size();
      if (thing != null) {
        named++;
        right += 1 + (int) ATTRIBUTES.stream().filter(a -> same(told.getValue(), thing, a)).count();
      }
    }
    right += (int) caption.relations().stream().filter(holding::contains).count();
    right += truth.get("weather").asText().equals(caption.weather()) ? 1 : 0;
    right += truth.get("time").asText().equals(caption.time()) ? 1 : 0;
    return new SceneScore(right, stated + wanted.size() - named, named, wanted.size());
  }

  SceneScore plus(SceneScore other) {
    return new SceneScore(
        right + other.right, stated + other.stated, named + other.named, things + other.things);
  }

  /** Share of the stated facts that are right. */
  double attributesRight() {
    return (double) right / stated;
  }

  /** Share of the things that are named. */
  double objectsRight() {
    return (double) named / things;
  }

  private static boolean same(Map<String, String> told, JsonNode thing, String attribute) {
    return thing.get(attribute).asText().equals(told.get(attribute));
  }

  private static Set<Relation> holding(JsonNode relations, SceneReader reader) {
    Set<Relation> holding = new HashSet<>();
    for (JsonNode held : relations) {
      String subject = held.get("subject").asText();
      String relation = held.get("relation").asText();
      String object = held.get("object").asText();
      holding.add(new Relation(subject, relation, object));
      if (reader.inverse(relation) != null) {
        holding.add(new Relation(object, reader.inverse(relation), subject));
      }
    }
    return holding;
  }
}
