package io.github.flinkexecutorch.llm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * One row of the conformance suite: a program of an official exporter, or the exporter's error.
 *
 * @param error the exporter's error, null if the program runs
 * @param folder where the program and its goldens are below the suite's folder, null if there is
 *     none
 * @param lacks the operator for which this library has no kernel, null if it has them all
 * @param oracle what gave the golden tokens, null if there are none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ConformanceModel(
    String name,
    String family,
    String exporter,
    String runner,
    String program,
    String status,
    String error,
    String folder,
    String lacks,
    String oracle) {
  private static final Path SUITE = Goldens.OPTIMUM_LLAMA.getParent();
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * What the oracle answered, in one context.
   *
   * @param turns the prompts, one after the other
   * @param oracle what answered; "official runner" where that runner can
   */
  record Conversation(String id, List<Turn> turns, String oracle) {
    boolean official() {
      return oracle.equals("official runner");
    }
  }

  /**
   * A prompt and its answer.
   *
   * @param prompt empty to go on from a prefilled one
   * @param promptTokens its ids; null if the golden does not tell
   * @param maxNewTokens 0 to prefill only
   * @param text what the tokens say; null if the golden does not tell
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Turn(
      String prompt,
      List<Integer> promptTokens,
      int maxNewTokens,
      List<Integer> tokens,
      String text) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Line(String id, List<Turn> turns, String oracle) {}

  /** The rows of a manifest, {@code text.json} or {@code media.json}; none if there is no such. */
  static List<ConformanceModel> of(String manifest) {
    Path file = SUITE.resolve(manifest);
    JavaType type =
        MAPPER.getTypeFactory().constructCollectionType(List.class, ConformanceModel.class);
    try {
      return Files.exists(file) ? MAPPER.readValue(file.toFile(), type) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this library runs it. */
  boolean runs() {
    return folder != null && lacks == null;
  }

  /** What became of it, as the page says it. */
  String result() {
    if (lacks != null) {
      return "refused: no kernel for " + lacks;
    }
    return error == null ? status : status + ": " + error;
  }

  Path path() {
    return SUITE.resolve(folder);
  }

  /** The weights that the program leaves outside. */
  List<Path> dataFiles() {
    try (Stream<Path> files = Files.list(path())) {
      return files.filter(file -> file.toString().endsWith(".ptd")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Conversation> conversations() {
    try {
      return Files.readAllLines(path().resolve("goldens.jsonl")).stream()
          .map(ConformanceModel::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return name;
  }

  private static Conversation parse(String line) {
    try {
      Line golden = MAPPER.readValue(line, Line.class);
      List<Turn> turns =
          golden.turns() == null ? List.of(MAPPER.readValue(line, Turn.class)) : golden.turns();
      return new Conversation(golden.id(), turns, golden.oracle());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
