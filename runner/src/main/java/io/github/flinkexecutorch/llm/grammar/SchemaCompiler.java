package io.github.flinkexecutorch.llm.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.llm.grammar.NumberText.Bound;
import io.github.flinkexecutorch.llm.grammar.SchemaAlternatives.Alternative;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * Turns a JSON schema into the regular expression of JSON texts that are valid by it.
 *
 * <p>Every text of the expression is valid; not every valid text is in it. It holds one text of a
 * value rather than all: members in the schema's order, compact, and nothing that the schema only
 * leaves open (no additional properties beside named ones, unless {@code additionalProperties} asks
 * for them).
 */
final class SchemaCompiler {
  private final SchemaAlternatives alternatives;

  private SchemaCompiler(JsonNode root) {
    this.alternatives = new SchemaAlternatives(root);
  }

  static Expression compile(JsonNode schema) {
    return new SchemaCompiler(schema).value(schema, Scope.ROOT);
  }

  private Expression value(JsonNode schema, Scope scope) {
    return Expression.choice(
        alternatives.of(schema, scope).stream().map(this::alternative).toList());
  }

  private Expression alternative(Alternative alternative) {
    ObjectNode schema = alternative.keywords();
    Scope scope = alternative.scope();
    if (schema.has("enum")) {
      return constants(schema, scope.path());
    }
    Set<String> types = SchemaTypes.of(schema, scope.path());
    return types.isEmpty()
        ? FreeValues.value(GrammarLimits.MAX_FREE_DEPTH)
        : Expression.choice(types.stream().map(type -> typed(type, schema, scope)).toList());
  }

  private static Expression constants(ObjectNode schema, String path) {
    schema
        .fieldNames()
        .forEachRemaining(
            keyword -> {
              if (!keyword.equals("enum") && !keyword.equals("type")) {
                throw SchemaKeywords.invalid(
                    path,
                    "has "
                        + keyword
                        + " beside enum or const; leave it out and list only what it allows");
              }
            });
    if (!schema.get("enum").isArray()) {
      throw SchemaKeywords.invalid(path, "has an enum that is no list");
    }
    List<Expression> values = new ArrayList<>();
    for (JsonNode value : schema.get("enum")) {
      if (SchemaTypes.allow(schema, value, path)) {
        values.add(JsonText.constant(value));
      }
    }
    return Expression.choice(values);
  }

  private Expression typed(String type, ObjectNode schema, Scope scope) {
    return switch (type) {
      case "object" -> object(schema, scope);
      case "array" -> array(schema, scope);
      case "string" -> JsonText.string(contents(schema, scope.path()));
      case "number", "integer" -> number(type.equals("integer"), schema, scope.path());
      case "boolean" -> Expression.choice(Expression.literal("true"), Expression.literal("false"));
      default -> Expression.literal("null");
    };
  }

  private Expression object(ObjectNode schema, Scope scope) {
    JsonNode properties = schema.path("properties");
    JsonNode additional = schema.get("additionalProperties");
    if (!properties.isMissingNode() && !properties.isObject()) {
      throw SchemaKeywords.invalid(scope.path(), "has properties that are no object");
    }
    Map<String, JsonNode> named = new LinkedHashMap<>();
    properties.properties().forEach(field -> named.put(field.getKey(), field.getValue()));
    List<String> required = texts(schema, "required", scope.path());
    for (String name : required) {
      if (!named.containsKey(name) && additional == null) {
        named.put(name, BooleanNode.TRUE);
      } else {
        named.putIfAbsent(name, additional);
      }
    }
    List<ObjectText.Member> members = new ArrayList<>();
    named.forEach(
        (name, value) ->
            members.add(
                new ObjectText.Member(
                    name,
                    value(value, scope.child("properties/" + name)),
                    required.contains(name))));
    boolean open = additional == null ? properties.isMissingNode() : !isFalse(additional);
    Expression free =
        !open
            ? null
            : additional == null
                ? FreeValues.value(GrammarLimits.MAX_FREE_DEPTH - 1)
                : value(additional, scope.child("additionalProperties"));
    return sized(schema, members, free, required.size(), scope.path());
  }

  private static Expression sized(
      ObjectNode schema,
      List<ObjectText.Member> members,
      Expression free,
      int required,
      String path) {
    int min = SchemaKeywords.count(schema, "minProperties", 0, path);
    int max = SchemaKeywords.count(schema, "maxProperties", Integer.MAX_VALUE, path);
    if (max < min) {
      throw SchemaKeywords.invalid(path, "has a maxProperties below its minProperties");
    }
    if (members.isEmpty() && free != null && min <= 1) {
      return new ObjectText(members, free, min, max == Integer.MAX_VALUE ? -1 : max);
    }
    if (min > required) {
      throw SchemaKeywords.invalid(
          path, "has a minProperties that its required properties do not reach; require more");
    }
    if (max < members.size() || (free != null && max != Integer.MAX_VALUE)) {
      throw SchemaKeywords.invalid(
          path, "has a maxProperties that its named properties may exceed; leave it out");
    }
    return new ObjectText(members, free, 0, -1);
  }

  private Expression array(ObjectNode schema, Scope scope) {
    int min = SchemaKeywords.count(schema, "minItems", 0, scope.path());
    int max = SchemaKeywords.count(schema, "maxItems", Integer.MAX_VALUE, scope.path());
    List<Expression> first = new ArrayList<>();
    JsonNode prefix = schema.path("prefixItems");
    for (JsonNode element : prefix) {
      first.add(value(element, scope.child("prefixItems")));
    }
    JsonNode items = schema.get("items");
    if (items != null && items.isArray()) {
      throw SchemaKeywords.invalid(scope.path(), "has a list as items; use prefixItems");
    }
    Expression rest = null;
    if (items != null) {
      rest = isFalse(items) ? null : value(items, scope.child("items"));
    } else if (min > first.size() || prefix.isMissingNode()) {
      rest = FreeValues.value(GrammarLimits.MAX_FREE_DEPTH - 1);
    }
    return new ArrayText(first, rest, min, max == Integer.MAX_VALUE ? -1 : max);
  }

  private static Automaton contents(ObjectNode schema, String path) {
    int min = SchemaKeywords.count(schema, "minLength", 0, path);
    int max = SchemaKeywords.count(schema, "maxLength", Integer.MAX_VALUE, path);
    Expression any = Expression.characters(CharacterSet.ANY);
    if (max < min) {
      return CharacterAutomaton.of(Expression.NEVER);
    }
    Automaton contents =
        CharacterAutomaton.of(Expression.repeat(any, min, max == Integer.MAX_VALUE ? -1 : max));
    for (String pattern : texts(schema, "pattern", path)) {
      contents = intersect(contents, RegexParser.parseAnywhere(pattern));
    }
    for (String format : texts(schema, "format", path)) {
      contents = intersect(contents, StringFormats.expression(format, path));
    }
    return contents;
  }

  private static Automaton intersect(Automaton contents, Expression expression) {
    return CharacterAutomaton.determinize(
        Operations.intersection(contents, CharacterAutomaton.of(expression)));
  }

  private static Expression number(boolean integer, ObjectNode schema, String path) {
    return NumberText.between(
        integer,
        bounds(schema, path, "minimum", "exclusiveMinimum"),
        bounds(schema, path, "maximum", "exclusiveMaximum"));
  }

  private static List<Bound> bounds(
      ObjectNode schema, String path, String inclusive, String exclusive) {
    List<Bound> bounds = new ArrayList<>();
    for (String keyword : List.of(inclusive, exclusive)) {
      JsonNode value = schema.get(keyword);
      if (value != null && !value.isNumber()) {
        throw SchemaKeywords.invalid(path, "has a " + keyword + " that is no number");
      }
      if (value != null) {
        bounds.add(new Bound(value.decimalValue(), keyword.equals(inclusive)));
      }
    }
    return bounds;
  }

  /** A keyword whose value is a string, or several of them. */
  private static List<String> texts(ObjectNode schema, String keyword, String path) {
    JsonNode value = schema.get(keyword);
    List<String> texts = new ArrayList<>();
    if (value == null) {
      return texts;
    }
    for (JsonNode text : value.isArray() ? value : List.of(value)) {
      if (!text.isTextual()) {
        throw SchemaKeywords.invalid(path, "has a " + keyword + " that is not a string");
      }
      texts.add(text.textValue());
    }
    return texts;
  }

  private static boolean isFalse(JsonNode schema) {
    return schema.isBoolean() && !schema.booleanValue();
  }
}
