package io.github.flinkexecutorch.llm.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One schema for the values that match two schemas at once. */
final class SchemaMerge {
  private SchemaMerge() {}

  /** A schema that no value matches. */
  static ObjectNode noValue() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.putArray("enum");
    return schema;
  }

  /**
   * Both schemas together.
   *
   * @return null if no value can match both
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if one schema cannot say it
   */
  static ObjectNode merge(ObjectNode left, ObjectNode right, String path) {
    requireSameMembers(left, right, path);
    requireSameMembers(right, left, path);
    requireSameElements(left, right, path);
    ObjectNode merged = left.deepCopy();
    for (Map.Entry<String, JsonNode> field : right.properties()) {
      String keyword = field.getKey();
      JsonNode mine = left.get(keyword);
      JsonNode value =
          mine == null || mine.equals(field.getValue())
              ? field.getValue()
              : both(keyword, mine, field.getValue(), path);
      if (value == null) {
        return null;
      }
      merged.set(keyword, value);
    }
    return merged;
  }

  private static JsonNode both(String keyword, JsonNode left, JsonNode right, String path) {
    return switch (keyword) {
      case "type" -> commonTypes(left, right);
      case "enum" -> common(left, right);
      case "required", "pattern", "format" -> union(left, right);
      case "properties" -> properties(left, right, path);
      case "items", "additionalProperties" -> allOf(left, right);
      case "minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum" ->
          number(left, keyword, path)
                      .decimalValue()
                      .compareTo(number(right, keyword, path).decimalValue())
                  >= 0
              ? left
              : right;
      case "maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum" ->
          number(left, keyword, path)
                      .decimalValue()
                      .compareTo(number(right, keyword, path).decimalValue())
                  <= 0
              ? left
              : right;
      default -> throw SchemaKeywords.invalid(path, "combines two schemas with " + keyword);
    };
  }

  private static JsonNode number(JsonNode value, String keyword, String path) {
    if (!value.isNumber()) {
      throw SchemaKeywords.invalid(path, "has a " + keyword + " that is no number");
    }
    return value;
  }

  private static JsonNode commonTypes(JsonNode left, JsonNode right) {
    Set<String> other = new HashSet<>();
    each(right).forEach(type -> other.add(type.asText()));
    ArrayNode types = JsonNodeFactory.instance.arrayNode();
    for (JsonNode type : each(left)) {
      if (other.contains(type.asText())
          || (type.asText().equals("integer") && other.contains("number"))) {
        types.add(type);
      } else if (type.asText().equals("number") && other.contains("integer")) {
        types.add("integer");
      }
    }
    return types.isEmpty() ? null : types;
  }

  private static JsonNode common(JsonNode left, JsonNode right) {
    ArrayNode values = JsonNodeFactory.instance.arrayNode();
    for (JsonNode value : left) {
      if (each(right).stream().anyMatch(other -> JsonValues.equal(value, other))) {
        values.add(value);
      }
    }
    return values.isEmpty() ? null : values;
  }

  private static ArrayNode union(JsonNode left, JsonNode right) {
    ArrayNode values = JsonNodeFactory.instance.arrayNode();
    values.addAll(each(left));
    each(right).stream().filter(value -> !each(left).contains(value)).forEach(values::add);
    return values;
  }

  private static ObjectNode properties(JsonNode left, JsonNode right, String path) {
    if (!(left instanceof ObjectNode) || !(right instanceof ObjectNode)) {
      throw SchemaKeywords.invalid(path, "has properties that are no object");
    }
    ObjectNode merged = left.deepCopy();
    for (Map.Entry<String, JsonNode> field : right.properties()) {
      JsonNode mine = left.get(field.getKey());
      merged.set(field.getKey(), mine == null ? field.getValue() : allOf(mine, field.getValue()));
    }
    return merged;
  }

  private static ObjectNode allOf(JsonNode left, JsonNode right) {
    ObjectNode both = JsonNodeFactory.instance.objectNode();
    both.putArray("allOf").add(left).add(right);
    return both;
  }

  /** What is additional for one schema would be a property of the other: no schema says that. */
  private static void requireSameMembers(ObjectNode left, ObjectNode right, String path) {
    if (!left.has("additionalProperties")) {
      return;
    }
    for (Map.Entry<String, JsonNode> field : right.path("properties").properties()) {
      if (!left.path("properties").has(field.getKey())) {
        throw SchemaKeywords.invalid(
            path,
            "combines additionalProperties with a schema that has the property "
                + field.getKey()
                + "; name it beside additionalProperties, too");
      }
    }
  }

  private static void requireSameElements(ObjectNode left, ObjectNode right, String path) {
    boolean tuple = left.has("prefixItems") || right.has("prefixItems");
    boolean both =
        (left.has("prefixItems") || left.has("items"))
            && (right.has("prefixItems") || right.has("items"));
    boolean same =
        left.path("prefixItems").equals(right.path("prefixItems"))
            && left.path("items").equals(right.path("items"));
    if (tuple && both && !same) {
      throw SchemaKeywords.invalid(path, "combines prefixItems with other items");
    }
  }

  private static List<JsonNode> each(JsonNode value) {
    List<JsonNode> values = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(values::add);
    } else {
      values.add(value);
    }
    return values;
  }
}
