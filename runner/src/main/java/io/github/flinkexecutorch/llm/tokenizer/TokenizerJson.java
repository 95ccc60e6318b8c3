package io.github.flinkexecutorch.llm.tokenizer;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What we read ourselves of a {@code tokenizer.json}: the vocabulary, the decoder, and the rules
 * that could harm the library. The library does the encoding.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record TokenizerJson(
    Model model,
    @JsonProperty("added_tokens") List<AddedToken> addedTokens,
    JsonNode normalizer,
    @JsonProperty("pre_tokenizer") JsonNode preTokenizer,
    JsonNode decoder) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  TokenizerJson {
    addedTokens = addedTokens == null ? List.of() : addedTokens;
  }

  /** The vocabulary is an object of ids by piece, or a list of [piece, score] for Unigram. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Model(
      String type,
      JsonNode vocab,
      double dropout,
      @JsonProperty("continuing_subword_prefix") String prefix) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record AddedToken(int id, String content, boolean special) {}

  /**
   * @throws InvalidModelException saying why the file is no such file
   */
  static TokenizerJson parse(TokenizerFile file) {
    if (!file.jsonFields().contains("model")) {
      throw new InvalidModelException("it has no model with a vocabulary");
    }
    TokenizerJson json;
    try {
      json = MAPPER.readValue(file.content(), TokenizerJson.class);
    } catch (JsonProcessingException e) {
      throw new InvalidModelException("it is not of that form: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new InvalidModelException("it cannot be read: " + e, e);
    }
    if (json.model == null || json.model.vocab == null || !json.model.vocab.isContainerNode()) {
      throw new InvalidModelException("it has no model with a vocabulary");
    }
    if (json.model.dropout != 0) {
      throw new InvalidModelException(
          "its model has the dropout " + json.model.dropout + ", so that ids are left to chance");
    }
    boolean hasPrefix = json.model.prefix != null && !json.model.prefix.isEmpty();
    if (hasPrefix && !"WordPiece".equals(json.model.type)) {
      throw new InvalidModelException(
          "its pieces inside of words have a prefix, which is not supported");
    }
    return json;
  }

  /** Ids by piece; added tokens come on top of the model's own. */
  Map<String, Integer> vocabulary() {
    Map<String, Integer> ids = new HashMap<>();
    if (model.vocab.isArray()) {
      for (JsonNode entry : model.vocab) {
        ids.put(entry.path(0).asText(), ids.size());
      }
      if (ids.size() != model.vocab.size()) {
        throw new InvalidModelException("its vocabulary has a piece twice");
      }
    } else {
      model.vocab.properties().forEach(entry -> ids.put(entry.getKey(), id(entry.getValue())));
    }
    addAdded(ids);
    ids.forEach(
        (piece, id) -> {
          if (id < 0 || id > Vocabulary.HIGHEST_ID) {
            throw new InvalidModelException("a token of its vocabulary has the id " + id);
          }
        });
    return ids;
  }

  /** The library numbers added tokens itself, whatever the file says. */
  private void addAdded(Map<String, Integer> ids) {
    int next = ids.size();
    for (AddedToken token : addedTokens) {
      if (token == null || token.content == null || token.content.isEmpty()) {
        throw new InvalidModelException("one of its added tokens has no content");
      }
      int id = ids.getOrDefault(token.content, next);
      if (token.id != id) {
        throw new InvalidModelException(
            "its added token " + token.content + " has the id " + token.id + " instead of " + id);
      }
      ids.put(token.content, id);
      next = Math.max(next, id + 1);
    }
  }

  private static int id(JsonNode number) {
    return number.canConvertToInt() && number.isIntegralNumber() ? number.intValue() : -1;
  }
}
