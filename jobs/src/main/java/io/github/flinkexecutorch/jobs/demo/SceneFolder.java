package io.github.flinkexecutorch.jobs.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.util.FileUtils;

/**
 * The folder that the demo captions: drawn scenes, and among them files that cannot be captioned.
 *
 * @param truth by file name what a scene shows
 */
record SceneFolder(Path path, Map<String, JsonNode> truth) {
  /** Files without a caption. */
  static final int BAD = 3;

  /** A PNG of 68 bytes that claims to have 40,000 x 40,000 pixels. */
  private static final String BOMB =
      "iVBORw0KGgoAAAANSUhEUgAAnEAAAJxACAIAAADebplSAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII=";

  /** Copies the samples of {@code scenes} and adds the bad files; clears the folder before. */
  static SceneFolder fill(Path folder, Path scenes) throws IOException {
    ObjectMapper json = new ObjectMapper();
    Map<String, JsonNode> truth = new TreeMap<>();
    for (String line : Files.readAllLines(scenes.resolve("truth.jsonl"))) {
      JsonNode scene = json.readTree(line);
      truth.put(Path.of(scene.get("image").asText()).getFileName().toString(), scene);
    }
    FileUtils.deleteDirectory(folder.toFile());
    Files.createDirectories(folder);
    List<Path> images;
    try (Stream<Path> files = Files.list(scenes.resolve("images"))) {
      images = files.sorted().toList();
    }
    for (Path image : images) {
      Files.copy(image, folder.resolve(image.getFileName()));
    }
    byte[] whole = Files.readAllBytes(images.get(0));
    Files.write(folder.resolve("bad-1-truncated.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.write(folder.resolve("bad-2-text.png"), "This is no image.".getBytes(UTF_8));
    Files.write(folder.resolve("bad-3-huge.png"), Base64.getDecoder().decode(BOMB));
    return new SceneFolder(folder, truth);
  }

  int files() {
    return truth.size() + BAD;
  }
}
