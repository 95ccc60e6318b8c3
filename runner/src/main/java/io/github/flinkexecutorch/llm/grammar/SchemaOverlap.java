package io.github.flinkexecutorch.llm.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.llm.grammar.SchemaAlternatives.Alternative;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether one value may match two schemas. Says yes where it cannot tell: apart are only schemas of
 * different types or constants, and objects that a property tells apart.
 */
final class SchemaOverlap {
  private final SchemaAlternatives alternatives;

  SchemaOverlap(SchemaAlternatives alternatives) {
    this.alternatives = alternatives;
  }

  boolean possible(List<Alternative> left, List<Alternative> right) {
    return left.stream().anyMatch(a -> right.stream().anyMatch(b -> possible(a, b)));
  }

  private boolean possible(Alternative left, Alternative right) {
    ObjectNode a = left.keywords();
    ObjectNode b = right.keywords();
    if (a.has("enum") || b.has("enum")) {
      return a.has("enum") ? values(a, right) : values(b, left);
    }
    if (!a.has("type") || !b.has("type")) {
      return true;
    }
    Set<String> common = SchemaTypes.of(a, left.scope().path());
    Set<String> other = SchemaTypes.of(b, right.scope().path());
    boolean numbers =
        (common.contains("integer") && other.contains("number"))
            || (common.contains("number") && other.contains("integer"));
    common.retainAll(other);
    if (numbers || common.stream().anyMatch(type -> !type.equals("object"))) {
      return true;
    }
    return !common.isEmpty()
        && !toldApart(left, right)
        && !requiresWhatIsClosed(a, b)
        && !requiresWhatIsClosed(b, a);
  }

  private static boolean values(ObjectNode constants, Alternative other) {
    for (JsonNode value : constants.get("enum")) {
      boolean typed = SchemaTypes.allow(other.keywords(), value, other.scope().path());
      JsonNode values = other.keywords().get("enum");
      if (typed && (values == null || contains(values, value))) {
        return true;
      }
    }
    return false;
  }

  private static boolean contains(JsonNode values, JsonNode value) {
    for (JsonNode candidate : values) {
      if (JsonValues.equal(candidate, value)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a property that both require has no value in common. */
  private boolean toldApart(Alternative left, Alternative right) {
    for (Map.Entry<String, JsonNode> field : left.keywords().path("properties").properties()) {
      String name = field.getKey();
      JsonNode other = right.keywords().path("properties").path(name);
      if (!other.isMissingNode()
          && requires(left.keywords(), name)
          && requires(right.keywords(), name)
          && !possible(
              alternatives.of(field.getValue(), left.scope().child(name)),
              alternatives.of(other, right.scope().child(name)))) {
        return true;
      }
    }
    return false;
  }

  private static boolean requiresWhatIsClosed(ObjectNode schema, ObjectNode closed) {
    JsonNode additional = closed.path("additionalProperties");
    boolean none = additional.isBoolean() && !additional.booleanValue();
    for (JsonNode name : schema.path("required")) {
      if (none && !closed.path("properties").has(name.asText())) {
        return true;
      }
    }
    return false;
  }

  private static boolean requires(ObjectNode schema, String name) {
    for (JsonNode required : schema.path("required")) {
      if (required.asText().equals(name)) {
        return true;
      }
    }
    return false;
  }
}
