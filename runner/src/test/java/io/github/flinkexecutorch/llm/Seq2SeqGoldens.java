package io.github.flinkexecutorch.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.audio.Audio;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What optimum-executorch's classes generated greedily with an encoder and a decoder.
 *
 * @param features audio features, or null
 * @param prompt text, or null
 * @param ids the text's tokens; empty for features
 * @param tokens new tokens behind the start token, an end-of-sequence token among them
 */
record Seq2SeqGoldens(
    String id,
    Audio features,
    String prompt,
    List<Integer> ids,
    List<Integer> tokens,
    String text) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static List<Seq2SeqGoldens> of(Path folder) {
    try {
      List<Seq2SeqGoldens> all = new ArrayList<>();
      for (String line : Files.readAllLines(folder.resolve("goldens.jsonl"))) {
        all.add(parse(MAPPER.readTree(line), folder));
      }
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

  private static Seq2SeqGoldens parse(JsonNode golden, Path folder) throws IOException {
    JsonNode input = golden.required("input");
    boolean sound = input.has("features");
    return new Seq2SeqGoldens(
        golden.required("id").asText(),
        sound ? MediaGoldens.audio(input.required("features"), folder) : null,
        sound ? null : input.required("text").asText(),
        sound ? List.of() : MediaGoldens.ids(input.required("ids")),
        MediaGoldens.ids(golden.required("tokens")),
        golden.required("text").asText());
  }
}
