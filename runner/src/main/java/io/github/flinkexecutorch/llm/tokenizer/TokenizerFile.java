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
    if (!Files.isRegularFile(path)) {
      throw new InvalidModelException("Tokenizer " + path + " does not exist");
    }
    try (InputStream stream = Files.newInputStream(path)) {
      byte[] content = stream.readNBytes(LARGEST + 1);
      if (content.length > LARGEST) {
        throw new InvalidModelException(
            "Tokenizer " + path + " is longer than " + LARGEST + " bytes, which is the limit");
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
   * @throws InvalidModelException if the file is not one JSON object
   */
  Set<String> jsonFields() {
    Set<String> names = new HashSet<>();
    try (JsonParser parser = new JsonFactory().createParser(content)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidModelException("it is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        names.add(parser.currentName());
        parser.nextToken();
        parser.skipChildren();
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
}
