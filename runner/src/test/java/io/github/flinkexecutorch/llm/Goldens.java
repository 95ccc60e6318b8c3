package io.github.flinkexecutorch.llm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What ExecuTorch's own runner generated greedily for a prompt, read from a sample model's folder.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Goldens(
    String id, String prompt, List<Integer> promptTokens, List<Integer> tokens, String text) {
  /** Llama with custom attention and cache, as optimum-executorch exports it. */
  public static final Path OPTIMUM_LLAMA = sampleData().resolve("conformance/optimum-llama");

  /** The support-ticket model. */
  public static final Path TICKETS = sampleData().resolve("tickets");

  public static List<Goldens> of(Path folder) {
    ObjectMapper mapper = new ObjectMapper();
    try {
      List<Goldens> all =
          Files.readAllLines(folder.resolve("goldens.jsonl")).stream()
              .map(line -> parse(mapper, line))
              .toList();
      if (all.isEmpty()) {
        throw new IllegalStateException("No goldens in " + folder);
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return id;
  }

  private static Goldens parse(ObjectMapper mapper, String line) {
    try {
      return mapper.readValue(line, Goldens.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path sampleData() {
    return Path.of("").toAbsolutePath().getParent().resolve("sample-data");
  }
}
