package io.github.flinkexecutorch.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.demo.SceneCaption.Relation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SceneReaderTest {
  private static SceneReader reader;

  @BeforeAll
  static void readVocabulary() throws IOException {
    reader = SceneReader.of(Path.of("../sample-data/scenes/vocabulary.json"));
  }

  @Test
  void shouldReadThingsRelationsAndSetting() {
    SceneCaption caption =
        reader.read("Two large red boats are behind a small cat on a rainy night.");

    assertThat(caption.things())
        .isEqualTo(
            Map.of(
                "boat", Map.of("count", "2", "size", "large", "colour", "red"),
                "cat", Map.of("count", "1", "size", "small")));
    assertThat(caption.relations()).containsExactly(new Relation("boat", "behind", "cat"));
    assertThat(caption.weather()).isEqualTo("rainy");
    assertThat(caption.time()).isEqualTo("night");
  }

  /**
   * The file is written by the reader in Python: {@code flink_executorch_models.scenes.readings}.
   */
  @ParameterizedTest
  @MethodSource("readings")
  void shouldScoreAsTheReaderInPython(JsonNode reading) {
    JsonNode score = reading.get("score");

    assertThat(
            SceneScore.of(
                reader.read(reading.get("caption").asText()), reading.get("truth"), reader))
        .isEqualTo(
            new SceneScore(
                score.get("right").asInt(),
                score.get("stated").asInt(),
                score.get("named").asInt(),
                score.get("things").asInt()));
  }

  static List<JsonNode> readings() throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (var lines = Files.lines(Path.of("src/test/resources/demo/readings.jsonl"))) {
      return json.readerFor(JsonNode.class)
          .<JsonNode>readValues(lines.reduce("", String::concat))
          .readAll();
    }
  }
}
