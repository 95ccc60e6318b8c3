package io.github.flinkexecutorch.llm.tokenizer;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code tekken.json} of Mistral: the special tokens have the first ids, the ranks those behind
 * them.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record TekkenJson(
    Config config,
    List<Token> vocab,
    @JsonProperty("special_tokens") List<SpecialToken> specialTokens) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String BOS = "<s>";
  private static final String EOS = "</s>";

  /** Of files that list none. */
  private static final List<String> DEFAULT_SPECIAL_TOKENS =
      List.of(
          "<unk>",
          BOS,
          EOS,
          "[INST]",
          "[/INST]",
          "[AVAILABLE_TOOLS]",
          "[/AVAILABLE_TOOLS]",
          "[TOOL_RESULTS]",
          "[/TOOL_RESULTS]",
          "[TOOL_CALLS]",
          "[IMG]",
          "<pad>",
          "[IMG_BREAK]",
          "[IMG_END]",
          "[PREFIX]",
          "[MIDDLE]",
          "[SUFFIX]",
          "[SYSTEM_PROMPT]",
          "[/SYSTEM_PROMPT]",
          "[TOOL_CONTENT]");

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Config(
      String pattern,
      @JsonProperty("default_vocab_size") int vocabSize,
      @JsonProperty("default_num_special_tokens") int specialTokens) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Token(int rank, @JsonProperty("token_bytes") String bytes) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record SpecialToken(int rank, @JsonProperty("token_str") String text) {}

  /**
   * @throws InvalidModelException saying why the file is no such file
   */
  static Tokenizer open(TokenizerFile file) {
    if (!file.jsonFields().containsAll(Set.of("config", "vocab"))) {
      throw new InvalidModelException("it has no config with a vocab beside it");
    }
    TekkenJson json;
    try {
      json = MAPPER.readValue(file.content(), TekkenJson.class);
    } catch (JsonProcessingException e) {
      throw new InvalidModelException("it is not of that form: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new InvalidModelException("it cannot be read: " + e, e);
    }
    return json.open();
  }

  private Tokenizer open() {
    if (config == null || config.pattern == null || vocab == null) {
      throw new InvalidModelException("it has no config with a pattern, or no vocab");
    }
    int size = config.vocabSize;
    int first = config.specialTokens;
    if (first < 0 || size <= first || size - 1 > Vocabulary.HIGHEST_ID) {
      throw new InvalidModelException(
          "default_vocab_size " + size + " does not fit default_num_special_tokens " + first);
    }
    if (vocab.size() < size - first) {
      throw new InvalidModelException(
          "its vocab has " + vocab.size() + " tokens, but its config says " + (size - first));
    }
    Map<String, Integer> special = special(first);
    if (!special.keySet().containsAll(List.of(BOS, EOS))) {
      throw new InvalidModelException("its special tokens have no " + BOS + " or no " + EOS);
    }
    return BytePairTokenizer.of(
        config.pattern,
        tokens(size - first),
        first,
        special,
        new SpecialTokens(special.get(BOS), special.get(EOS)));
  }

  private List<byte[]> tokens(int count) {
    List<byte[]> tokens = new ArrayList<>(count);
    for (Token token : vocab.subList(0, count)) {
      if (token == null || token.bytes == null || token.rank != tokens.size()) {
        throw new InvalidModelException("its vocab is out of order at rank " + tokens.size());
      }
      try {
        tokens.add(Base64.getDecoder().decode(token.bytes));
      } catch (IllegalArgumentException e) {
        throw new InvalidModelException("the token of rank " + token.rank + " is not base64", e);
      }
    }
    return tokens;
  }

  /** As many as the config says; those that the file does not name have names by their ids. */
  private Map<String, Integer> special(int count) {
    Map<String, Integer> ids = new HashMap<>();
    String[] names = new String[count];
    List<SpecialToken> given = specialTokens == null ? defaults() : specialTokens;
    for (SpecialToken token : given) {
      boolean usable = token != null && token.text != null && !token.text.isEmpty();
      if (!usable || token.rank < 0 || token.rank >= count || names[token.rank] != null) {
        throw new InvalidModelException(
            "one of its " + given.size() + " special tokens has no name or no rank below " + count);
      }
      names[token.rank] = token.text;
    }
    for (int rank = 0; rank < count; rank++) {
      String name = names[rank] == null ? "<SPECIAL_" + rank + ">" : names[rank];
      if (ids.put(name, rank) != null) {
        throw new InvalidModelException("it has the special token " + name + " twice");
      }
    }
    return ids;
  }

  private static List<SpecialToken> defaults() {
    List<SpecialToken> tokens = new ArrayList<>();
    DEFAULT_SPECIAL_TOKENS.forEach(text -> tokens.add(new SpecialToken(tokens.size(), text)));
    return tokens;
  }
}
