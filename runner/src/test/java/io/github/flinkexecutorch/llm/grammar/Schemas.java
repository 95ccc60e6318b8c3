package io.github.flinkexecutorch.llm.grammar;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** The schemas of the tests, and the validator that judges the texts made by them. */
final class Schemas {
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private Schemas() {}

  static Stream<String> names() {
    return Stream.of(
        "ticket",
        "nested",
        "arrays",
        "optional",
        "alternatives",
        "tree",
        "formats",
        "numbers",
        "constants",
        "map");
  }

  static String read(String name) {
    try (InputStream file = Schemas.class.getResourceAsStream("/schemas/" + name + ".json")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the validator finds wrong with a text, formats included; empty if it is valid. */
  static List<String> errors(String schema, String json) {
    return errors(REGISTRY.getSchema(schema, InputFormat.JSON), json);
  }

  static Schema validator(String schema) {
    return REGISTRY.getSchema(schema, InputFormat.JSON);
  }

  static List<String> errors(Schema validator, String json) {
    return validator
        .validate(
            json,
            InputFormat.JSON,
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
        .stream()
        .map(Object::toString)
        .toList();
  }
}
