package io.github.flinkexecutorch.llm;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.llm.audio.Audio;
import java.io.IOException;
import java.nio.file.Path;
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
  static List<Seq2SeqGoldens> of(Path folder) {
    return MediaGoldens.read(folder, Seq2SeqGoldens::parse);
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
