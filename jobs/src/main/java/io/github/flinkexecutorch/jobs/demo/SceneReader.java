package io.github.flinkexecutorch.jobs.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Reads captions of drawn scenes by the rules that the sample model's {@code vocabulary.json} says.
 */
final class SceneReader {
  private enum What {
    ROW,
    RELATION,
    KIND,
    COLOUR,
    SIZE,
    COUNT
  }

  /** What a phrase is, and what it means. */
  private record Phrase(What what, String meaning) {}

  private final Map<List<String>, Phrase> phrases = new HashMap<>();
  private final Map<List<String>, JsonNode> settings = new HashMap<>();
  private final Set<String> back = new TreeSet<>();
  private final Map<String, String> inverses = new HashMap<>();

  private SceneReader(JsonNode vocabulary) {
    vocabulary.get("row").forEach(phrase -> add(phrase.asText(), What.ROW, null));
    addAll(vocabulary.get("relations"), What.RELATION);
    vocabulary
        .get("things")
        .properties()
        .forEach(
            thing -> {
              add(thing.getKey(), What.KIND, thing.getKey());
              add(thing.getValue().asText(), What.KIND, thing.getKey());
            });
    vocabulary.get("colours").forEach(colour -> add(colour.asText(), What.COLOUR, colour.asText()));
    addAll(vocabulary.get("sizes"), What.SIZE);
    addAll(vocabulary.get("counts"), What.COUNT);
    vocabulary
        .get("settings")
        .properties()
        .forEach(setting -> settings.put(words(setting.getKey()), setting.getValue()));
    vocabulary.get("back").forEach(word -> back.add(word.asText()));
    vocabulary
        .get("inverses")
        .properties()
        .forEach(inverse -> inverses.put(inverse.getKey(), inverse.getValue().asText()));
  }

  static SceneReader of(Path vocabulary) throws IOException {
    return new SceneReader(new ObjectMapper().readTree(vocabulary.toFile()));
  }

  /** The relation that says the same the other way round, {@code null} if there is none. */
  String inverse(String relation) {
    return inverses.get(relation);
  }

  SceneCaption read(String text) {
    SceneCaption caption = new SceneCaption();
    for (String sentence : text.toLowerCase(Locale.ROOT).split("[.;]", -1)) {
      read(withoutSettings(words(sentence), caption), caption);
    }
    caption.things().values().forEach(thing -> thing.putIfAbsent("size", "medium"));
    return caption;
  }

  private List<String> withoutSettings(List<String> words, SceneCaption caption) {
    Stream.Builder<String> left = Stream.builder();
    for (int at = 0; at < words.size(); ) {
      List<String> phrase = longest(settings, words, at);
      if (phrase == null) {
        left.add(words.get(at++));
      } else {
        caption.setting(settings.get(phrase));
        at += phrase.size();
      }
    }
    return left.build().toList();
  }

  private void read(List<String> words, SceneCaption caption) {
    SceneSentence sentence = new SceneSentence(caption);
    for (int at = 0; at < words.size(); ) {
      List<String> phrase = longest(phrases, words, at);
      at += phrase == null ? 1 : phrase.size();
      if (phrase == null) {
        continue;
      }
      String meaning = phrases.get(phrase).meaning();
      switch (phrases.get(phrase).what()) {
        case ROW -> sentence.row();
        case RELATION ->
            sentence.relation(meaning, at < words.size() && back.contains(words.get(at)));
        case KIND -> sentence.thing(meaning);
        case COLOUR -> sentence.attribute("colour", meaning);
        case SIZE -> sentence.attribute("size", meaning);
        case COUNT -> sentence.attribute("count", meaning);
      }
    }
  }

  private static <T> List<String> longest(
      Map<List<String>, T> phrases, List<String> words, int at) {
    for (int end = words.size(); end > at; end--) {
      List<String> phrase = words.subList(at, end);
      if (phrases.containsKey(phrase)) {
        return List.copyOf(phrase);
      }
    }
    return null;
  }

  private void addAll(JsonNode meanings, What what) {
    meanings.properties().forEach(entry -> add(entry.getKey(), what, entry.getValue().asText()));
  }

  private void add(String phrase, What what, String meaning) {
    phrases.put(words(phrase), new Phrase(what, meaning));
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split("[^a-z]+", -1)).filter(word -> !word.isEmpty()).toList();
  }
}
