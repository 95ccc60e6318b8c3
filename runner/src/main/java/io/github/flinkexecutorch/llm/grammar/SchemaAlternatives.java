package io.github.flinkexecutorch.llm.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Multiplies out what combines schemas: {@code $ref}, {@code allOf}, {@code anyOf} and {@code
 * oneOf} become a list of schemas without them, of which a value has to match one.
 */
final class SchemaAlternatives {
  /** More schemas than this are not a large grammar but one that doubles with each reference. */
  private static final int MAX_VISITS = 20_000;

  private static final Set<String> COMBINING =
      Set.of("$ref", "allOf", "anyOf", "oneOf", "nullable");

  private final JsonNode root;
  private int visits;

  SchemaAlternatives(JsonNode root) {
    this.root = root;
  }

  /**
   * A schema of keywords that speak of values only.
   *
   * @param keywords enforced keywords, no annotations; {@code const} is an {@code enum} of one
   */
  record Alternative(ObjectNode keywords, Scope scope) {}

  /** The alternatives of a schema; none if nothing matches it. */
  List<Alternative> of(JsonNode schema, Scope scope) {
    if (++visits > MAX_VISITS) {
      throw GrammarLimits.tooLarge();
    }
    if (schema.isBoolean()) {
      return schema.booleanValue()
          ? List.of(new Alternative(JsonNodeFactory.instance.objectNode(), scope))
          : List.of();
    }
    if (!(schema instanceof ObjectNode object)) {
      throw SchemaKeywords.invalid(scope.path(), "is neither an object nor a boolean");
    }
    SchemaKeywords.check(object, scope.path());
    List<Alternative> result = List.of(new Alternative(own(object, scope), scope));
    if (object.has("$ref")) {
      result = product(result, referenced(object.get("$ref"), scope));
    }
    for (JsonNode part : list(object, "allOf", scope)) {
      result = product(result, of(part, scope.child("allOf")));
    }
    result = product(result, anyOf(object, scope));
    result = product(result, oneOf(object, scope));
    return withNull(object, result, scope);
  }

  private static ObjectNode own(ObjectNode schema, Scope scope) {
    ObjectNode own = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> field : schema.properties()) {
      String keyword = field.getKey();
      boolean dropped =
          COMBINING.contains(keyword)
              || SchemaKeywords.IGNORED.contains(keyword)
              || keyword.equals("uniqueItems")
              || keyword.equals("const");
      if (!dropped) {
        own.set(keyword, field.getValue());
      }
    }
    if (!schema.has("const")) {
      return own;
    }
    ObjectNode constant = JsonNodeFactory.instance.objectNode();
    constant.putArray("enum").add(schema.get("const"));
    ObjectNode merged = SchemaMerge.merge(own, constant, scope.path());
    return merged == null ? SchemaMerge.noValue() : merged;
  }

  private List<Alternative> referenced(JsonNode reference, Scope scope) {
    String target = reference.asText();
    JsonNode schema =
        target.equals("#") || target.startsWith("#/")
            ? root.at(target.substring(1))
            : root.path("");
    if (schema.isMissingNode()) {
      throw SchemaKeywords.invalid(
          scope.path(),
          "refers to " + target + ", which is no place in this schema such as #/$defs/name");
    }
    Scope inside = scope.enter(target);
    return inside == null ? List.of() : of(schema, inside);
  }

  private List<Alternative> anyOf(ObjectNode schema, Scope scope) {
    if (!schema.has("anyOf")) {
      return of(JsonNodeFactory.instance.booleanNode(true), scope);
    }
    List<Alternative> result = new ArrayList<>();
    for (JsonNode branch : list(schema, "anyOf", scope)) {
      result.addAll(of(branch, scope.child("anyOf")));
      limit(result);
    }
    return result;
  }

  private List<Alternative> oneOf(ObjectNode schema, Scope scope) {
    if (!schema.has("oneOf")) {
      return of(JsonNodeFactory.instance.booleanNode(true), scope);
    }
    SchemaOverlap overlap = new SchemaOverlap(this);
    List<Alternative> result = new ArrayList<>();
    for (JsonNode branch : list(schema, "oneOf", scope)) {
      List<Alternative> alternatives = of(branch, scope.child("oneOf"));
      if (overlap.possible(result, alternatives)) {
        throw SchemaKeywords.invalid(
            scope.path(),
            "has a oneOf with branches that one value may match together; tell them apart by type"
                + " or by a required property with a const, or use anyOf");
      }
      result.addAll(alternatives);
      limit(result);
    }
    return result;
  }

  private static List<Alternative> withNull(
      ObjectNode schema, List<Alternative> alternatives, Scope scope) {
    boolean adds =
        schema.path("nullable").asBoolean() && !schema.has("enum") && !schema.has("const");
    if (!adds) {
      return alternatives;
    }
    List<Alternative> result = new ArrayList<>(alternatives);
    ObjectNode none = JsonNodeFactory.instance.objectNode().put("type", "null");
    result.add(new Alternative(none, scope));
    return result;
  }

  private static List<Alternative> product(List<Alternative> left, List<Alternative> right) {
    List<Alternative> result = new ArrayList<>();
    for (Alternative a : left) {
      for (Alternative b : right) {
        ObjectNode both = SchemaMerge.merge(a.keywords, b.keywords, a.scope.path());
        if (both != null) {
          result.add(new Alternative(both, a.scope.and(b.scope)));
          limit(result);
        }
      }
    }
    return result;
  }

  private static void limit(List<Alternative> alternatives) {
    if (alternatives.size() > GrammarLimits.MAX_ALTERNATIVES) {
      throw SchemaKeywords.invalid(
          alternatives.get(0).scope.path(),
          "has more than "
              + GrammarLimits.MAX_ALTERNATIVES
              + " combinations of anyOf, oneOf and allOf; list fewer");
    }
  }

  private static List<JsonNode> list(ObjectNode schema, String keyword, Scope scope) {
    JsonNode value = schema.get(keyword);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray() || value.isEmpty()) {
      throw SchemaKeywords.invalid(scope.path(), "has a " + keyword + " that lists no schemas");
    }
    List<JsonNode> parts = new ArrayList<>();
    Iterator<JsonNode> elements = value.elements();
    elements.forEachRemaining(parts::add);
    return parts;
  }
}
