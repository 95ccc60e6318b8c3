package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the {@code messages} of a record: a list of {@code {"role": ..., "content": ...}}, with a
 * text as content or a list of {@code {"type": "text", "text": ...}} and {@code {"type": "image"}}.
 * Anything else is refused, because leaving it out would answer another conversation.
 */
final class MessagesReader {
  private static final String MESSAGES = "messages";
  private static final String ROLE = "role";
  private static final String CONTENT = "content";
  private static final String TYPE = "type";
  private static final String TEXT = "text";
  private static final String IMAGE = "image";
  private static final Set<String> FIELDS = new TreeSet<>(Set.of(ROLE, CONTENT));

  private MessagesReader() {}

  /** The messages, none if the record has no such field. */
  static RequestMessage[] read(JsonNode record) throws RejectedRecordException {
    JsonNode messages = record.path(MESSAGES);
    if (messages.isMissingNode() || messages.isNull()) {
      return new RequestMessage[0];
    }
    if (!messages.isArray() || messages.isEmpty()) {
      throw malformed(MESSAGES, "must be a list of messages");
    }
    List<RequestMessage> read = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      read.add(message(MESSAGES + "[" + i + "]", messages.get(i)));
    }
    requireContent(read);
    return read.toArray(RequestMessage[]::new);
  }

  private static RequestMessage message(String name, JsonNode message)
      throws RejectedRecordException {
    if (!message.isObject()) {
      throw malformed(name, "must be an object");
    }
    for (Iterator<String> fields = message.fieldNames(); fields.hasNext(); ) {
      if (!FIELDS.contains(fields.next())) {
        throw malformed(name, "has an unknown field; it knows " + FIELDS);
      }
    }
    JsonNode role = message.path(ROLE);
    if (!role.isTextual() || role.textValue().isBlank()) {
      throw malformed(name + "." + ROLE, "must be a string with characters");
    }
    return new RequestMessage(role.textValue(), parts(name + "." + CONTENT, message.path(CONTENT)));
  }

  private static String[] parts(String name, JsonNode content) throws RejectedRecordException {
    if (content.isTextual()) {
      return new String[] {content.textValue()};
    }
    if (!content.isArray() || content.isEmpty()) {
      throw malformed(name, "must be a string or a list of parts");
    }
    String[] parts = new String[content.size()];
    for (int i = 0; i < parts.length; i++) {
      JsonNode part = content.get(i);
      String type = part.path(TYPE).asText();
      boolean text = type.equals(TEXT) && part.size() == 2 && part.path(TEXT).isTextual();
      if (!text && !(type.equals(IMAGE) && part.size() == 1)) {
        throw malformed(
            name + "[" + i + "]",
            "must be {\"type\": \"text\", \"text\": ...} or {\"type\": \"image\"}");
      }
      parts[i] = text ? part.get(TEXT).textValue() : null;
    }
    return parts;
  }

  private static void requireContent(List<RequestMessage> messages) throws RejectedRecordException {
    for (RequestMessage message : messages) {
      for (String part : message.parts()) {
        if (part == null || !part.isBlank()) {
          return;
        }
      }
    }
    throw new RejectedRecordException(
        FailureKind.EMPTY_PROMPT, "Every message of the record is blank.");
  }

  private static RejectedRecordException malformed(String field, String rule) {
    return new RejectedRecordException(
        FailureKind.MALFORMED, "Field '" + field + "' " + rule + ".");
  }
}
