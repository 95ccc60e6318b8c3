package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;

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
  private static final Set<String> NAMES =
      new TreeSet<>(Set.of(TEMPERATURE, TOP_P, TOP_K, MAX_NEW_TOKENS, SEED));

  private OverridesReader() {}

  static RequestOverrides read(JsonNode record) throws RejectedRecordException {
    JsonNode options = record.path(OPTIONS);
    if (options.isMissingNode() || options.isNull()) {
      return RequestOverrides.NONE;
    }
    if (!options.isObject()) {
      throw invalid("Field '" + OPTIONS + "' must be an object.");
    }
    for (Iterator<String> names = options.fieldNames(); names.hasNext(); ) {
      if (!NAMES.contains(names.next())) {
        throw invalid("Field '" + OPTIONS + "' has an unknown name; it knows " + NAMES + ".");
      }
    }
    return new RequestOverrides(
        decimal(options, TEMPERATURE),
        decimal(options, TOP_P),
        integer(options, TOP_K),
        integer(options, MAX_NEW_TOKENS),
        longInteger(options, SEED));
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
