package io.github.flinkexecutorch.llm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * An entry of {@code media.json}: a program with images or audio, or with an encoder and a decoder.
 *
 * @param error why the exporter fails, or why no runner takes the program; null if it runs
 * @param folder where the program lies below the suite's folder; null if the exporter fails
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record MediaModel(
    String name, String family, String runner, String status, String error, String folder) {
  private static final Path SUITE = Goldens.OPTIMUM_LLAMA.getParent();

  static List<MediaModel> all() {
    try {
      return List.of(
          new ObjectMapper().readValue(SUITE.resolve("media.json").toFile(), MediaModel[].class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MediaModel named(String name) {
    return all().stream().filter(model -> model.name().equals(name)).findFirst().orElseThrow();
  }

  /** Those that the runner of this name runs. */
  static List<MediaModel> runBy(String runner) {
    return all().stream()
        .filter(model -> model.status().equals("runs") && model.runner().equals(runner))
        .toList();
  }

  Path path() {
    return SUITE.resolve(folder);
  }

  Path program() {
    return path().resolve("model.pte");
  }

  @Override
  public String toString() {
    return name;
  }
}
