package io.github.flinkexecutorch.llm.engine;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.runtime.Threading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A batched program of the samples, and what transformers generated with the same weights. */
@JsonIgnoreProperties(ignoreUnknown = true)
record BatchedGoldens(
    String name, String family, String linear, String embedding, List<Golden> goldens) {
  static final Path FOLDER =
      Path.of("").toAbsolutePath().getParent().resolve("sample-data/batched");

  /** A prompt, its greedy completion, and some rows of logits on the way. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Golden(
      String id,
      String prompt,
      List<Integer> promptTokens,
      List<Integer> tokens,
      List<Logits> logits) {
    /** The request that gives this completion. */
    GenerationRequest request() {
      return GenerationRequest.of(id, prompt, greedy(tokens.size()));
    }
  }

  /** The row from which the generated token of this index was chosen. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Logits(int token, List<Float> values) {}

  static List<BatchedGoldens> all() {
    try {
      return new ObjectMapper()
          .readValue(FOLDER.resolve("goldens.json").toFile(), new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BatchedGoldens of(String name) {
    return all().stream().filter(model -> model.name.equals(name)).findFirst().orElseThrow();
  }

  /** One text program of each way to quantize. */
  static List<BatchedGoldens> kinds() {
    Map<String, BatchedGoldens> kinds = new LinkedHashMap<>();
    all().stream().filter(BatchedGoldens::isText).forEach(m -> kinds.putIfAbsent(m.linear, m));
    return List.copyOf(kinds.values());
  }

  /** The text program that is computed in {@code float}. */
  static BatchedGoldens exact() {
    return kinds().stream().filter(model -> model.linear.equals("fp32")).findFirst().orElseThrow();
  }

  static GenerationConfig greedy(int tokens) {
    return GenerationConfig.builder().temperature(0).maxNewTokens(tokens).ignoreEos(true).build();
  }

  /** Whether its goldens are of text alone. */
  boolean isText() {
    return goldens.stream().allMatch(golden -> golden.prompt != null);
  }

  Path file() {
    return FOLDER.resolve(name + ".pte");
  }

  ModelSpec spec() {
    return ModelSpec.of(file(), FOLDER.resolve("tokenizer.json"));
  }

  ModelSpec spec(Threading threading) {
    return spec().withThreading(threading);
  }

  @Override
  public String toString() {
    return name;
  }
}
