package io.github.flinkexecutorch.llm.tokenizer;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What we read ourselves of a {@code tokenizer.json}: the vocabulary and the decoder. The library
 * does the encoding.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record TokenizerJson(
    Model model, @JsonProperty("added_tokens") List<AddedToken> addedTokens, JsonNode decoder) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Far above any real vocabulary; bounds the tables that ids index. */
  private static final int HIGHEST_ID = 1 << 24;

  /** The vocabulary is an object of ids by piece, or a list of [piece, score] for Unigram. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Model(String type, JsonNode vocab) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record AddedToken(int id, String content) {}

  static TokenizerJson parse(Path file, byte[] content) {
    TokenizerJson json;
    try {
      json = MAPPER.readValue(content, TokenizerJson.class);
    } catch (JsonProcessingException e) {
      throw unusable(file, "it is not valid JSON of that form: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw unusable(file, e.toString(), e);
    }
    if (json == null || json.model == null || json.model.vocab == null) {
      throw unusable(file, "it has no model with a vocabulary", null);
    }
    return json;
  }

  /** Ids by piece; added tokens come on top of the model's own. */
  Map<String, Integer> vocabulary(Path file) {
    Map<String, Integer> ids = new HashMap<>();
    if (model.vocab.isArray()) {
      for (JsonNode entry : model.vocab) {
        ids.put(entry.path(0).asText(), ids.size());
      }
    } else {
      model
          .vocab
          .properties()
          .forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt(-1)));
    }
    if (addedTokens != null) {
      addedTokens.forEach(token -> ids.put(token.content(), token.id()));
    }
    ids.forEach(
        (piece, id) -> {
          if (id < 0 || id > HIGHEST_ID) {
            throw unusable(file, "a token of its vocabulary has the id " + id, null);
          }
        });
    return ids;
  }

  static InvalidModelException unusable(Path file, String why, Throwable cause) {
    return new InvalidModelException(
        "Tokenizer "
            + file
            + " was tried as a Hugging Face tokenizer.json, but "
            + why
            + ". Other formats (SentencePiece, tiktoken, tekken) must be converted to it",
        cause);
  }
}
