package io.github.flinkexecutorch.llm.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which keywords of JSON schema are enforced, which change nothing, and which are refused because a
 * regular expression cannot keep them. Every keyword that is in no list is refused, too.
 */
final class SchemaKeywords {
  /** Enforced, by the type of value that they speak of. */
  static final Map<String, List<String>> BY_TYPE =
      Map.of(
          "object",
          List.of(
              "properties", "required", "additionalProperties", "minProperties", "maxProperties"),
          "array",
          List.of("items", "prefixItems", "minItems", "maxItems"),
          "string",
          List.of("minLength", "maxLength", "pattern", "format"),
          "number",
          List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"));

  /** Enforced, whatever the type. */
  static final List<String> GENERAL =
      List.of("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "nullable");

  /** Annotations, and the places of definitions. */
  static final List<String> IGNORED =
      List.of(
          "title",
          "description",
          "default",
          "examples",
          "example",
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions",
          "deprecated",
          "readOnly",
          "writeOnly",
          "contentEncoding",
          "contentMediaType",
          "contentSchema");

  /** Refused, and what to do instead. */
  static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("multipleOf", "use type integer, or list the values by enum"),
          Map.entry("uniqueItems", "leave it out or set it to false"),
          Map.entry("contains", "constrain items instead"),
          Map.entry("minContains", "constrain items instead"),
          Map.entry("maxContains", "constrain items instead"),
          Map.entry("patternProperties", "name the properties, or use additionalProperties"),
          Map.entry("propertyNames", "name the properties"),
          Map.entry("dependentRequired", "list the combinations by anyOf"),
          Map.entry("dependentSchemas", "list the combinations by anyOf"),
          Map.entry("dependencies", "list the combinations by anyOf"),
          Map.entry("not", "say what is allowed"),
          Map.entry("if", "list the combinations by anyOf"),
          Map.entry("then", "list the combinations by anyOf"),
          Map.entry("else", "list the combinations by anyOf"),
          Map.entry("additionalItems", "use prefixItems and items"),
          Map.entry("unevaluatedItems", "use items"),
          Map.entry("unevaluatedProperties", "use additionalProperties"),
          Map.entry("$anchor", "refer by the path of the definition"),
          Map.entry("$dynamicRef", "use $ref"),
          Map.entry("$dynamicAnchor", "use $ref"),
          Map.entry("$recursiveRef", "use $ref"),
          Map.entry("$recursiveAnchor", "use $ref"),
          Map.entry("$vocabulary", "leave it out"));

  static final Set<String> TYPES =
      Set.of("object", "array", "string", "number", "integer", "boolean", "null");

  private SchemaKeywords() {}

  /** Refuses the first keyword that cannot be enforced. */
  static void check(ObjectNode schema, String path) {
    schema
        .fieldNames()
        .forEachRemaining(
            keyword -> {
              if (!isKnown(keyword, schema.get(keyword))) {
                String advice = REFUSED.get(keyword);
                throw invalid(
                    path,
                    "has the keyword "
                        + keyword
                        + ", which cannot be enforced; "
                        + (advice == null ? "leave it out" : advice));
              }
            });
  }

  private static boolean isKnown(String keyword, JsonNode value) {
    return GENERAL.contains(keyword)
        || IGNORED.contains(keyword)
        || BY_TYPE.values().stream().anyMatch(keywords -> keywords.contains(keyword))
        || (keyword.equals("uniqueItems") && value.isBoolean() && !value.booleanValue());
  }

  /**
   * A keyword that counts.
   *
   * @return {@code absent} where the schema does not have it
   */
  static int count(ObjectNode schema, String keyword, int absent, String path) {
    JsonNode value = schema.get(keyword);
    if (value == null) {
      return absent;
    }
    BigDecimal number = value.isNumber() ? value.decimalValue() : BigDecimal.ONE.negate();
    if (number.signum() < 0 || number.stripTrailingZeros().scale() > 0) {
      throw invalid(path, "has a " + keyword + " that is no integer >= 0");
    }
    return number.min(BigDecimal.valueOf(Integer.MAX_VALUE)).intValue();
  }

  /** A message about one place of the schema. */
  static InvalidRequestException invalid(String path, String problem) {
    return GrammarLimits.invalid("The JSON schema at " + path + " " + problem);
  }
}
