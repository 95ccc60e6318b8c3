package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkexecutorch.llm.grammar.Grammars;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads the {@code options} object of a record. Checks types; the ranges are checked where the
 * options of the operator are. A name that is not known is refused, because ignoring it would
 * answer another question than the one asked.
 */
final class OverridesReader {
  private static final String OPTIONS = "options";
  private static final String TEMPERATURE = "temperature";
  private static final String TOP_P = "top_p";
  private static final String TOP_K = "top_k";
  private static final String MAX_NEW_TOKENS = "max_new_tokens";
  private static final String SEED = "seed";
  private static final String STOP = "stop";
  private static final String STOP_TOKEN_IDS = "stop_token_ids";
  private static final String PRESENCE_PENALTY = "presence_penalty";
  private static final String FREQUENCY_PENALTY = "frequency_penalty";
  private static final String REPETITION_PENALTY = "repetition_penalty";
  private static final String IGNORE_EOS = "ignore_eos";
  private static final String JSON_SCHEMA = "json_schema";
  private static final String REGEX = "regex";

  /** Every name that the object may have. */
  static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              TEMPERATURE,
              TOP_P,
              TOP_K,
              MAX_NEW_TOKENS,
              SEED,
              STOP,
              STOP_TOKEN_IDS,
              PRESENCE_PENALTY,
              FREQUENCY_PENALTY,
              REPETITION_PENALTY,
              IGNORE_EOS,
              JSON_SCHEMA,
              REGEX));

  private static final Pattern NAME = Pattern.compile("[A-Za-z_]{1,32}");

  private OverridesReader() {}

  /**
   * @param grammars whether records may bring grammars
   */
  static RequestOverrides read(JsonNode record, boolean grammars) throws RejectedRecordException {
    JsonNode options = record.path(OPTIONS);
    if (options.isMissingNode() || options.isNull()) {
      return RequestOverrides.NONE;
    }
    if (!options.isObject()) {
      throw invalid("Field '" + OPTIONS + "' must be an object.");
    }
    for (Iterator<String> names = options.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!NAMES.contains(name)) {
        throw invalid(
            "Field '%s' has an unknown name %s; it knows %s."
                .formatted(OPTIONS, shown(name), NAMES));
      }
    }
    String grammar = grammar(options);
    if (grammar != null && !grammars) {
      throw invalid(
          "Fields '%s.%s' and '%s.%s' are refused where %s is not set."
              .formatted(
                  OPTIONS, JSON_SCHEMA, OPTIONS, REGEX, ExecuTorchOptions.ALLOW_GRAMMARS.key()));
    }
    return new RequestOverrides(
        decimal(options, TEMPERATURE),
        decimal(options, TOP_P),
        integer(options, TOP_K),
        integer(options, MAX_NEW_TOKENS),
        longInteger(options, SEED),
        texts(options, STOP),
        integers(options, STOP_TOKEN_IDS),
        decimal(options, PRESENCE_PENALTY),
        decimal(options, FREQUENCY_PENALTY),
        decimal(options, REPETITION_PENALTY),
        bool(options, IGNORE_EOS),
        grammar,
        grammar == null ? null : options.has(REGEX) ? Grammars.REGEX : Grammars.JSON_SCHEMA);
  }

  /** A name of the record's, if it looks like one: what else it holds is for nobody's log. */
  private static String shown(String name) {
    return NAME.matcher(name).matches()
        ? "'" + name + "'"
        : "of %d characters".formatted(name.length());
  }

  private static String grammar(JsonNode options) throws RejectedRecordException {
    JsonNode schema = options.path(JSON_SCHEMA);
    JsonNode regex = options.path(REGEX);
    require(schema.isMissingNode() || schema.isObject(), JSON_SCHEMA, "a JSON schema, an object");
    require(
        regex.isMissingNode() || (regex.isTextual() && !regex.textValue().isEmpty()),
        REGEX,
        "a string with characters");
    require(
        schema.isMissingNode() || regex.isMissingNode(), REGEX, "left out beside " + JSON_SCHEMA);
    if (!schema.isMissingNode()) {
      return schema.toString();
    }
    return regex.isMissingNode() ? null : regex.textValue();
  }

  private static Float decimal(JsonNode options, String name) throws RejectedRecordException {
    JsonNode value = options.path(name);
    if (value.isMissingNode()) {
      return null;
    }
    require(value.isNumber(), name, "a number");
    return value.floatValue();
  }

  private static Integer integer(JsonNode options, String name) throws RejectedRecordException {
    JsonNode value = options.path(name);
    if (value.isMissingNode()) {
      return null;
    }
    require(
        value.isIntegralNumber() && value.canConvertToInt(), name, "an integer of at most 32 bits");
    return value.intValue();
  }

  private static Long longInteger(JsonNode options, String name) throws RejectedRecordException {
    JsonNode value = options.path(name);
    if (value.isMissingNode()) {
      return null;
    }
    require(
        value.isIntegralNumber() && value.canConvertToLong(),
        name,
        "an integer of at most 64 bits");
    return value.longValue();
  }

  private static Boolean bool(JsonNode options, String name) throws RejectedRecordException {
    JsonNode value = options.path(name);
    if (value.isMissingNode()) {
      return null;
    }
    require(value.isBoolean(), name, "true or false");
    return value.booleanValue();
  }

  private static String[] texts(JsonNode options, String name) throws RejectedRecordException {
    JsonNode values = options.path(name);
    if (values.isMissingNode()) {
      return null;
    }
    if (values.isTextual()) {
      return new String[] {values.textValue()};
    }
    require(values.isArray(), name, "a string or a list of strings");
    String[] texts = new String[values.size()];
    for (int i = 0; i < texts.length; i++) {
      require(values.get(i).isTextual(), name, "a string or a list of strings");
      texts[i] = values.get(i).textValue();
    }
    return texts;
  }

  private static int[] integers(JsonNode options, String name) throws RejectedRecordException {
    JsonNode values = options.path(name);
    if (values.isMissingNode()) {
      return null;
    }
    require(values.isArray(), name, "a list of integers");
    int[] integers = new int[values.size()];
    for (int i = 0; i < integers.length; i++) {
      JsonNode value = values.get(i);
      require(value.isIntegralNumber() && value.canConvertToInt(), name, "a list of integers");
      integers[i] = value.intValue();
    }
    return integers;
  }

  private static void require(boolean valid, String name, String rule)
      throws RejectedRecordException {
    if (!valid) {
      throw invalid("Field '" + OPTIONS + "." + name + "' must be " + rule + ".");
    }
  }

  private static RejectedRecordException invalid(String message) {
    return new RejectedRecordException(FailureKind.INVALID_PARAMETER, message);
  }
}
