package io.github.flinkexecutorch.llm.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which types of values a schema speaks of. */
final class SchemaTypes {
  private SchemaTypes() {}

  /**
   * The types that are named; or, where none is, those that the keywords belong to.
   *
   * @return sorted; empty if the schema says nothing of types
   */
  static Set<String> of(ObjectNode schema, String path) {
    Set<String> types = new TreeSet<>();
    JsonNode named = schema.get("type");
    if (named == null) {
      SchemaKeywords.BY_TYPE.forEach(
          (type, keywords) -> {
            if (keywords.stream().anyMatch(schema::has)) {
              types.add(type);
            }
          });
      return types;
    }
    for (JsonNode type : named.isArray() ? named : List.of(named)) {
      if (!SchemaKeywords.TYPES.contains(type.asText())) {
        throw SchemaKeywords.invalid(
            path,
            "has the type " + type + "; types are " + String.join(", ", SchemaKeywords.TYPES));
      }
      types.add(type.asText());
    }
    if (types.isEmpty()) {
      throw SchemaKeywords.invalid(path, "has an empty list of types");
    }
    if (types.contains("number")) {
      types.remove("integer");
    }
    return types;
  }

  /** Whether a value has one of the types that a schema names. */
  static boolean allow(ObjectNode schema, JsonNode value, String path) {
    return !schema.has("type")
        || of(schema, path).stream().anyMatch(type -> JsonValues.hasType(value, type));
  }
}
