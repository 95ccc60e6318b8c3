package io.github.flinkexecutorch.jobs.gallery;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sums over all captions, and the models that wrote them. */
final class Totals {
  private final Map<String, Integer> models = new LinkedHashMap<>();
  private long promptTokens;
  private long generatedTokens;

  void add(JsonNode caption) {
    promptTokens += caption.path("prompt_tokens").asLong();
    generatedTokens += caption.path("generated_tokens").asLong();
    models.putIfAbsent(caption.path("model_digest").asText(), models.size());
  }

  long promptTokens() {
    return promptTokens;
  }

  long generatedTokens() {
    return generatedTokens;
  }

  /** The models' digests in the order they were met. */
  List<String> models() {
    return new ArrayList<>(models.keySet());
  }

  /** The place of the caption's model among {@link #models()}. */
  int modelOf(JsonNode caption) {
    return models.get(caption.path("model_digest").asText());
  }
}
