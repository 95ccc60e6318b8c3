package io.github.flinkexecutorch.jobs.captioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.files.OutputFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The arguments of a run with a tiny model of random weights, and what the run has left. */
record CaptioningTestRun(Path output) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path MODELS = Path.of("../sample-data/batched").toAbsolutePath().normalize();
  private static final Path PREPROCESSOR =
      Path.of("src/test/resources/captioning/preprocessor_config.json").toAbsolutePath();

  List<String> arguments(String input, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add(input);
    arguments.add("--output=" + output);
    arguments.add("--model=" + MODELS.resolve("llava.pte"));
    arguments.add("--tokenizer=" + MODELS.resolve("tokenizer.json"));
    arguments.add("--option=executorch.image.preprocessor=" + PREPROCESSOR);
    arguments.add("--prompt=<image> What is it?");
    if (Stream.of(more).noneMatch(option -> option.contains("--checkpoint-interval"))) {
      arguments.add("--checkpoint-interval=200ms");
    }
    if (Stream.of(more).noneMatch(option -> option.contains("max-new-tokens"))) {
      arguments.add("--option=executorch.generation.max-new-tokens=8");
    }
    arguments.addAll(List.of(more));
    return arguments;
  }

  BulkCaptioningOptions options(String input, String... more) {
    return BulkCaptioningOptions.parse(arguments(input, more).toArray(String[]::new));
  }

  List<JsonNode> captions() throws IOException {
    return parsed(captionOutput().captionLines());
  }

  List<JsonNode> deadLetters() throws IOException {
    return parsed(captionOutput().deadLetterLines());
  }

  private CaptionOutput captionOutput() {
    return new CaptionOutput(OutputFolder.of(output.toString()));
  }

  static List<String> ids(List<JsonNode> records) {
    return records.stream().map(record -> record.get("id").asText()).toList();
  }

  static Map<String, String> byId(List<JsonNode> records, String field) {
    Map<String, String> values = new TreeMap<>();
    records.forEach(record -> values.put(record.get("id").asText(), record.get(field).asText()));
    return values;
  }

  private static List<JsonNode> parsed(Stream<String> lines) {
    try (lines) {
      return lines.map(CaptioningTestRun::parse).toList();
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
