package io.github.flinkexecutorch.llm.grammar;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.Set;

/**
 * Compiles grammars for constrained output: a completion then is a text of the grammar, whatever
 * the model would like to say, or its finish reason tells that the token limit cut it.
 *
 * <p>The types are {@code json_schema} and {@code regex}. {@code lark} and {@code gbnf}, which
 * ExecuTorch names too, describe languages that no automaton keeps, and are refused.
 *
 * <h2>JSON schema</h2>
 *
 * Every completion is valid by the schema; not every valid text can come. Texts are compact JSON
 * with at most one space after each colon and comma; members come in the schema's order; strings
 * hold any character, raw or escaped. Numbers have up to 15 digits before the point and 15 behind
 * it, integers up to 18, and no exponent where the schema gives a bound. Strings, arrays and
 * objects without a limit of their own are limited by the tokens of the generation only.
 *
 * <ul>
 *   <li>Enforced: {@code type}, {@code enum}, {@code const}, {@code anyOf}, {@code oneOf} (of
 *       branches that types, constants or a required property tell apart), {@code allOf}, {@code
 *       $ref} into the same schema, {@code nullable}; {@code properties}, {@code required}, {@code
 *       additionalProperties}, {@code minProperties}, {@code maxProperties}; {@code items}, {@code
 *       prefixItems}, {@code minItems}, {@code maxItems}; {@code minLength}, {@code maxLength},
 *       {@code pattern}, {@code format}; {@code minimum}, {@code maximum}, {@code
 *       exclusiveMinimum}, {@code exclusiveMaximum}.
 *   <li>Not generated though valid: members that no keyword speaks of, where {@code properties}
 *       names others and {@code additionalProperties} is absent; values of a definition inside
 *       itself more than 4 times; values that the schema leaves free deeper than 3.
 *   <li>Annotations such as {@code description} change nothing. Every other keyword is refused.
 * </ul>
 *
 * <h2>Regular expressions</h2>
 *
 * The whole completion has to match. See {@code docs/constrained-output.md} for the syntax.
 */
public final class Grammars {
  /** The type of a grammar that is a JSON schema. */
  public static final String JSON_SCHEMA = "json_schema";

  /** The type of a grammar that is a regular expression. */
  public static final String REGEX = "regex";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static {
    MAPPER
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(4 * GrammarLimits.MAX_NESTING).build());
  }

  private Grammars() {}

  /**
   * Compiles a grammar, or finds it among those that were last compiled for this tokenizer. Safe
   * for use by several threads.
   *
   * @param type {@link #JSON_SCHEMA} or {@link #REGEX}
   * @param tokenizer the vocabulary; not used any more when this returns
   * @param eosIds tokens that end a generation: allowed where a text of the grammar is complete,
   *     and nowhere else. May be empty; then a generation ends where nothing may follow
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if the grammar is malformed, asks
   *     for what is not supported, is too large, matches nothing or cannot be spelled in this
   *     vocabulary
   */
  public static Grammar compile(
      String type, String grammar, Tokenizer tokenizer, Set<Integer> eosIds) {
    requireKnown(type);
    Vocabulary vocabulary = Vocabulary.of(tokenizer);
    return vocabulary
        .grammars()
        .get(
            new GrammarCache.Key(type, grammar, Set.copyOf(eosIds)),
            () -> new Grammar(ByteAutomaton.of(expression(type, grammar)), vocabulary, eosIds));
  }

  /**
   * Finds what is wrong with a grammar before there is a model: all but what a vocabulary cannot
   * spell.
   *
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException as {@link #compile}
   */
  public static void check(String type, String grammar) {
    requireKnown(type);
    ByteAutomaton.of(expression(type, grammar));
  }

  private static void requireKnown(String type) {
    if (!type.equals(JSON_SCHEMA) && !type.equals(REGEX)) {
      throw GrammarLimits.invalid(
          "grammarType "
              + (type.isEmpty() ? "is missing" : type + " is not supported")
              + "; it must be "
              + JSON_SCHEMA
              + " or "
              + REGEX);
    }
  }

  static Expression expression(String type, String grammar) {
    return type.equals(REGEX)
        ? RegexParser.parseWhole(grammar)
        : SchemaCompiler.compile(parse(grammar));
  }

  private static JsonNode parse(String schema) {
    if (schema.length() > GrammarLimits.MAX_GRAMMAR_LENGTH) {
      throw GrammarLimits.invalid(
          "The JSON schema has "
              + schema.length()
              + " characters; at most "
              + GrammarLimits.MAX_GRAMMAR_LENGTH
              + " are compiled");
    }
    try {
      JsonNode parsed = MAPPER.readTree(schema);
      requireNumbersInRange(parsed);
      return parsed;
    } catch (JsonProcessingException e) {
      throw GrammarLimits.invalid(
          "The grammar is no JSON schema, since it is no JSON: "
              + e.getOriginalMessage()
              + (e.getLocation() == null
                  ? ""
                  : " at line "
                      + e.getLocation().getLineNr()
                      + ", column "
                      + e.getLocation().getColumnNr()));
    } catch (NumberFormatException e) { // of an exponent that no int holds
      throw exponentOutOfRange();
    }
  }

  /** Beyond it numbers cannot be computed with: they overflow, or take all memory. */
  private static void requireNumbersInRange(JsonNode node) {
    if (node.isBigDecimal()) {
      int scale = node.decimalValue().scale();
      if (scale > GrammarLimits.MAX_EXPONENT || scale < -GrammarLimits.MAX_EXPONENT) {
        throw exponentOutOfRange();
      }
    }
    node.forEach(Grammars::requireNumbersInRange);
  }

  private static InvalidRequestException exponentOutOfRange() {
    return GrammarLimits.invalid(
        "The JSON schema has a number with an exponent beyond " + GrammarLimits.MAX_EXPONENT);
  }
}
