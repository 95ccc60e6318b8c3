package io.github.flinkexecutorch.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One line of a workload file.
 *
 * @param promptTokens how many tokens the prompt is
 * @param newTokens how many to generate, the end of the sequence ignored
 */
public record Prompt(String prompt, int promptTokens, int newTokens) {
  private static final JsonMapper JSON = new JsonMapper();

  static List<Prompt> read(Path file) {
    try (var lines = Files.lines(file)) {
      return JSON.readerFor(new TypeReference<Prompt>() {})
          .<Prompt>readValues(String.join("\n", lines.toList()))
          .readAll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
