package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A prompt with places for fields of a record: {@code {{field}}}, or {@code {{outer.inner}}} for a
 * field within a field. Everything else is literal. A string is inserted as it is, any other value
 * as its JSON. Immutable, so it may be used by many threads.
 */
final class PromptTemplate {
  private static final String OPEN = "{{";
  private static final String CLOSE = "}}";

  private final List<Part> parts;

  private PromptTemplate(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if a field is not closed, has no name, or there is none at all
   */
  static PromptTemplate compile(String template) {
    List<Part> parts = new ArrayList<>();
    int position = 0;
    for (int open = template.indexOf(OPEN); open >= 0; open = template.indexOf(OPEN, position)) {
      int close = template.indexOf(CLOSE, open);
      if (close < 0) {
        throw new IllegalArgumentException(
            "Prompt template opens a field at character " + open + " and never closes it with }}.");
      }
      parts.add(new Literal(template.substring(position, open)));
      parts.add(Field.named(template.substring(open + OPEN.length(), close).strip(), open));
      position = close + CLOSE.length();
    }
    if (parts.isEmpty()) {
      throw new IllegalArgumentException(
          "Prompt template of "
              + template.length()
              + " characters has no {{field}}: every record would get the same prompt.");
    }
    parts.add(new Literal(template.substring(position)));
    return new PromptTemplate(parts);
  }

  /**
   * The prompt for a record.
   *
   * @throws RejectedRecordException of kind {@link FailureKind#MISSING_FIELD} if the record lacks a
   *     field, {@link FailureKind#EMPTY_PROMPT} if all its fields are blank
   */
  ReadPrompt render(JsonNode record) throws RejectedRecordException {
    StringBuilder prompt = new StringBuilder();
    IntStream.Builder places = IntStream.builder();
    boolean blank = true;
    for (Part part : parts) {
      String text = part.textFor(record);
      if (part instanceof Field) {
        blank &= text.isBlank();
        places.add(prompt.length()).add(prompt.length() + text.length());
      }
      prompt.append(text);
    }
    if (blank) {
      throw new RejectedRecordException(
          FailureKind.EMPTY_PROMPT, "Every field of the prompt template is blank in the record.");
    }
    return new ReadPrompt(prompt.toString(), places.build().toArray());
  }

  /** Names of the fields that it inserts, in their order. */
  List<String> fields() {
    return parts.stream()
        .filter(Field.class::isInstance)
        .map(part -> ((Field) part).name())
        .toList();
  }

  private interface Part {
    String textFor(JsonNode record) throws RejectedRecordException;
  }

  private record Literal(String text) implements Part {
    @Override
    public String textFor(JsonNode record) {
      return text;
    }
  }

  private record Field(String name, List<String> path) implements Part {

    static Field named(String name, int position) {
      List<String> path = List.of(name.split("\\.", -1));
      if (path.stream().anyMatch(String::isBlank)) {
        throw new IllegalArgumentException(
            "Prompt template has a field without a name at character " + position + ".");
      }
      return new Field(name, path);
    }

    @Override
    public String textFor(JsonNode record) throws RejectedRecordException {
      JsonNode value = record;
      for (String step : path) {
        value = value.path(step);
      }
      if (value.isMissingNode() || value.isNull()) {
        throw new RejectedRecordException(
            FailureKind.MISSING_FIELD,
            "Field '" + name + "' of the prompt template is absent or null in the record.");
      }
      return value.isValueNode() ? value.asText() : value.toString();
    }
  }
}
