package io.github.flinkexecutorch.llm.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The special tokens that the files beside a {@code tokenizer.json} name.
 *
 * @param bosId beginning of sequence, {@link Tokenizer#UNKNOWN} if not named
 * @param eosId end of sequence, {@link Tokenizer#UNKNOWN} if not named
 */
record SpecialTokens(int bosId, int eosId) {
  private static final List<String> FILES =
      List.of("special_tokens_map.json", "tokenizer_config.json");

  /** Those of thousands of special tokens have half a million bytes. */
  private static final int LARGEST = 8 << 20;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  static SpecialTokens read(Path tokenizerFile, Map<String, Integer> vocabulary) {
    return new SpecialTokens(
        find("bos_token", tokenizerFile, vocabulary), find("eos_token", tokenizerFile, vocabulary));
  }

  private static int find(String name, Path tokenizerFile, Map<String, Integer> vocabulary) {
    for (String fileName : FILES) {
      Path file = tokenizerFile.resolveSibling(fileName);
      if (!Files.isRegularFile(file)) {
        continue;
      }
      JsonNode token = parse(file).path(name);
      String piece = token.isObject() ? token.path("content").asText() : token.asText("");
      if (token.isNull() || piece.isEmpty()) {
        continue;
      }
      Integer id = vocabulary.get(piece);
      if (id == null) {
        throw new InvalidModelException(
            file + " names the " + name + " " + piece + ", which " + tokenizerFile + " lacks");
      }
      return id;
    }
    return Tokenizer.UNKNOWN;
  }

  private static JsonNode parse(Path file) {
    try {
      TokenizerFile json = TokenizerFile.read(file, LARGEST);
      json.jsonFields();
      return MAPPER.readTree(json.content());
    } catch (InvalidModelException e) {
      throw new InvalidModelException(file + " cannot be used: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InvalidModelException("Tokenizer file " + file + " cannot be read: " + e, e);
    }
  }
}
