package io.github.flinkexecutorch.llm.chat;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns what a request brings into values of the template language, its strings marked as content.
 */
final class Data {
  static final int MAX_DEPTH = 64;

  /**
   * Roles that templates know and build special tokens from. They count as written by the template;
   * any other role is content, lest it spell a token.
   */
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "model", "tool", "function", "ipython");

  private Data() {}

  static Object message(Map<String, Object> message) {
    Map<Object, Object> converted = Values.unchecked((Map<?, ?>) value(message, 0));
    Text role = Text.written("role");
    if (converted.get(role) instanceof Text known && ROLES.contains(known.value())) {
      converted.put(role, Text.written(known.value()));
    }
    return converted;
  }

  static Object value(Object value) {
    return value(value, 0);
  }

  private static Object value(Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw refused("nested deeper than " + MAX_DEPTH);
    }
    if (value == null
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double) {
      return value;
    }
    if (value instanceof CharSequence text) {
      return Text.content(text.toString());
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof BigInteger big) {
      return big.bitLength() > 63 ? big : (Object) big.longValue();
    }
    if (value instanceof Float || value instanceof BigDecimal) {
      return ((Number) value).doubleValue();
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> converted = new LinkedHashMap<>();
      map.forEach((key, entry) -> converted.put(value(key, MAX_DEPTH), value(entry, depth + 1)));
      return converted;
    }
    if (value instanceof Iterable<?> || value instanceof Object[]) {
      List<Object> converted = new ArrayList<>();
      Iterable<?> items =
          value instanceof Object[] array ? Arrays.asList(array) : (Iterable<?>) value;
      items.forEach(item -> converted.add(value(item, depth + 1)));
      return converted;
    }
    throw refused("of the " + value.getClass());
  }

  private static InvalidRequestException refused(String what) {
    return new InvalidRequestException(
        Reason.TEMPLATE,
        "A chat template got a value "
            + what
            + ". Pass strings, numbers, booleans, null, lists and maps of these");
  }
}
