package io.github.flinkexecutorch.llm.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** A tokenizer's file, read whole. */
final class TokenizerFile {
  /** Twice the largest vocabularies that are in use, of 260,000 tokens in JSON. */
  static final int LARGEST = 64 << 20;

  /** Twice what the same vocabularies have; in memory a part takes 20 bytes, a field 200. */
  private static final int MOST_PARTS = 6_000_000;

  private static final int MOST_CONTAINERS = 1_200_000;

  private final Path path;
  private final byte[] content;

  private TokenizerFile(Path path, byte[] content) {
    this.path = path;
    this.content = content;
  }

  /**
   * @throws InvalidModelException if it is no file, cannot be read, or is longer than 64 MiB
   */
  static TokenizerFile read(Path path) {
    return read(path, LARGEST);
  }

  /** The same with another limit. */
  static TokenizerFile read(Path path, int largest) {
    if (Files.notExists(path) || (Files.exists(path) && !Files.isRegularFile(path))) {
      throw new InvalidModelException("Tokenizer " + path + " does not exist");
    }
    try (InputStream stream = Files.newInputStream(path)) {
      byte[] content = stream.readNBytes(largest + 1);
      if (content.length > largest) {
        throw new InvalidModelException(
            "Tokenizer " + path + " is longer than " + largest + " bytes, which is the limit");
      }
      return new TokenizerFile(path, content);
    } catch (IOException e) {
      throw new InvalidModelException("Tokenizer " + path + " cannot be read: " + e, e);
    }
  }

  Path path() {
    return path;
  }

  /** The bytes themselves, not to be changed. */
  byte[] content() {
    return content;
  }

  /**
   * The names of a JSON object's fields.
   *
   * @throws InvalidModelException if the file is not one JSON object, or has more parts than memory
   *     for them can be promised
   */
  Set<String> jsonFields() {
    Set<String> names = new HashSet<>();
    try (JsonParser parser = new JsonFactory().createParser(content)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidModelException("it is not a JSON object");
      }
      int parts = 0;
      int containers = 0;
      int fields = 0;
      for (JsonToken token = parser.nextToken();
          !isEnd(parser, token);
          token = parser.nextToken()) {
        parts++;
        containers += token.isStructStart() ? 1 : 0;
        fields += token == JsonToken.FIELD_NAME ? 1 : 0;
        if (parts > MOST_PARTS || containers > MOST_CONTAINERS || fields > MOST_CONTAINERS) {
          throw new InvalidModelException(
              "it has more than %d arrays, objects or fields, or %d parts in all"
                  .formatted(MOST_CONTAINERS, MOST_PARTS));
        }
        if (token == JsonToken.FIELD_NAME && parser.getParsingContext().getParent().inRoot()) {
          names.add(parser.currentName());
        }
      }
      if (parser.nextToken() != null) {
        throw new InvalidModelException("something follows its JSON object");
      }
    } catch (JsonProcessingException e) {
      throw new InvalidModelException("it is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new InvalidModelException("it is not valid JSON: " + e, e);
    }
    return names;
  }

  private static boolean isEnd(JsonParser parser, JsonToken token) {
    return token == null || parser.getParsingContext().inRoot();
  }
}
