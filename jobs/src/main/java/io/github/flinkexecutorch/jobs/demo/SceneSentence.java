package io.github.flinkexecutorch.jobs.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One sentence of a caption, told phrase by phrase from left to right. */
final class SceneSentence {
  private final SceneCaption caption;
  private final List<String> mentions = new ArrayList<>();
  private final Map<String, String> attributes = new HashMap<>(); // of the thing to come
  private String open; // a relation whose object is to come
  private String first; // a relation that came before any thing
  private boolean row;

  SceneSentence(SceneCaption caption) {
    this.caption = caption;
  }

  /** Things stand from left to right. */
  void row() {
    row = true;
  }

  /**
   * A relation.
   *
   * @param back whether a word follows that stands for the sentence's first thing
   */
  void relation(String relation, boolean back) {
    if (mentions.isEmpty()) {
      first = relation;
    } else if (back) {
      caption.relate(last(), relation, mentions.get(0));
    } else {
      open = relation;
    }
  }

  void attribute(String name, String value) {
    attributes.put(name, value);
  }

  void thing(String kind) {
    Map<String, String> thing = caption.things().computeIfAbsent(kind, k -> new HashMap<>());
    attributes.forEach(thing::putIfAbsent);
    if (row && !mentions.isEmpty()) {
      caption.relate(last(), "left of", kind);
    }
    if (open != null) {
      caption.relate(mentions.get(0), open, kind);
    }
    if (first != null && mentions.size() == 1) {
      caption.relate(kind, first, mentions.get(0));
    }
    mentions.add(kind);
    attributes.clear();
    open = null;
  }

  private String last() {
    return mentions.get(mentions.size() - 1);
  }
}
