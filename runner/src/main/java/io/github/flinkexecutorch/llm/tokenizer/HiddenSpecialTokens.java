package io.github.flinkexecutorch.llm.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Writes a {@code tokenizer.json} again so that no text spells its special tokens: they are there
 * under other names, with their ids.
 *
 * <p>The library has a switch that stops its search for special tokens, but DJL does not pass it
 * on, and it does not keep a Unigram model from finding them in its vocabulary. Where it does keep
 * them out, the ids are the same.
 */
final class HiddenSpecialTokens {
  /** Nobody who writes a text can know it. */
  private static final String PREFIX = UUID.randomUUID().toString();

  private final Set<String> special;
  private final JsonParser parser;
  private final JsonGenerator generator;

  private HiddenSpecialTokens(Set<String> special, JsonParser parser, JsonGenerator generator) {
    this.special = special;
    this.parser = parser;
    this.generator = generator;
  }

  static byte[] in(byte[] json, Set<String> special) {
    ByteArrayOutputStream written = new ByteArrayOutputStream(json.length + json.length / 8);
    JsonFactory factory = new JsonFactory();
    try (JsonParser parser = factory.createParser(json);
        JsonGenerator generator = factory.createGenerator(written)) {
      parser.nextToken();
      new HiddenSpecialTokens(special, parser, generator).copyFields("");
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it was parsed before
    }
    return written.toByteArray();
  }

  /** The object's fields; {@code place} is the way to it. */
  private void copyFields(String place) throws IOException {
    generator.writeStartObject();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      String here = place + "/" + name;
      JsonToken value = parser.nextToken();
      generator.writeFieldName(place.equals("/model/vocab") ? hidden(name) : name);
      boolean isObject = value == JsonToken.START_OBJECT;
      switch (here) {
        case "/model", "/model/vocab", "/added_tokens", "/model/merges" -> {
          if (isObject) {
            copyFields(here);
          } else if (value == JsonToken.START_ARRAY) {
            copyElements(here);
          } else {
            generator.copyCurrentEvent(parser);
          }
        }
        case "/model/unk_token", "/added_tokens/content" -> copyName();
        default -> generator.copyCurrentStructure(parser);
      }
    }
    generator.writeEndObject();
  }

  private void copyElements(String place) throws IOException {
    generator.writeStartArray();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      switch (place) {
        case "/added_tokens" -> copyFields(place);
        case "/model/vocab" -> copyScored();
        default -> copyMerge();
      }
    }
    generator.writeEndArray();
  }

  private void copyScored() throws IOException {
    generator.writeStartArray();
    parser.nextToken();
    copyName();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      generator.copyCurrentEvent(parser);
    }
    generator.writeEndArray();
  }

  /** A pair, as one text with a space between or as an array of two; left out if it makes one. */
  private void copyMerge() throws IOException {
    String left;
    String right;
    boolean isArray = parser.currentToken() == JsonToken.START_ARRAY;
    if (isArray) {
      left = parser.nextTextValue();
      right = parser.nextTextValue();
      parser.nextToken();
    } else {
      int space = parser.getText().indexOf(' ');
      left = parser.getText().substring(0, space);
      right = parser.getText().substring(space + 1);
    }
    boolean touchesSpecial =
        special.contains(left + right) || special.contains(left) || special.contains(right);
    if (!touchesSpecial && isArray) {
      generator.writeArray(new String[] {left, right}, 0, 2);
    } else if (!touchesSpecial) {
      generator.writeString(left + " " + right);
    }
  }

  private void copyName() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      generator.writeString(hidden(parser.getText()));
    } else {
      generator.copyCurrentEvent(parser);
    }
  }

  private String hidden(String token) {
    return special.contains(token) ? PREFIX + token : token;
  }

  /** The other name of a special token. */
  static String nameOf(String token) {
    return PREFIX + token;
  }

  /** The text with the special tokens that are meant, in order, under their other names. */
  static String spell(String text, List<SpecialTokenFinder.Found> meant) {
    StringBuilder spelled = new StringBuilder(text.length() + meant.size() * PREFIX.length());
    int start = 0;
    for (var found : meant) {
      spelled.append(text, start, found.start()).append(PREFIX);
      start = found.start();
    }
    return spelled.append(text, start, text.length()).toString();
  }
}
