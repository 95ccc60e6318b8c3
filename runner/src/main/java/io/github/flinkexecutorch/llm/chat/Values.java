package io.github.flinkexecutorch.llm.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Python's rules for values. None is null; numbers are Long, Double, or BigInteger beyond 64 bits;
 * strings are {@link Text}, lists are List, dicts are Map in order of insertion.
 */
final class Values {
  private Values() {}

  static boolean truth(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof Text text) {
      return text.length() > 0;
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
  }

  /** As a number of Java; Python's booleans are numbers. */
  static Number number(Object value) {
    if (value instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (value instanceof Number number) {
      return number;
    }
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    throw new TemplateException("a number is needed, not " + typeName(value));
  }

  static long integer(Object value) {
    if (value instanceof Long || value instanceof Boolean) {
      return number(value).longValue();
    }
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    throw new TemplateException("an integer is needed, not " + typeName(value));
  }

  static boolean equal(Object left, Object right) {
    return new Comparison().equal(left, right);
  }

  static int compare(Object left, Object right) {
    return new Comparison().compare(left, right);
  }

  /** What a loop goes through. */
  static List<Object> items(Render render, Object value) {
    if (value instanceof List<?> list) {
      return unchecked(list);
    }
    if (value instanceof Map<?, ?> map) {
      render.budget().work(8L * map.size());
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof Generator generator) {
      return generator.drain();
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    if (value instanceof Text text) {
      render.budget().make(text.length());
      List<Object> characters = new ArrayList<>();
      for (int at = 0; at < text.length(); ) {
        int next = text.value().offsetByCodePoints(at, 1);
        characters.add(text.slice(at, next));
        at = next;
      }
      return characters;
    }
    throw new TemplateException("a value of type " + typeName(value) + " cannot be gone through");
  }

  static boolean isIterable(Object value) {
    return value instanceof List
        || value instanceof Map
        || value instanceof Generator
        || value instanceof Undefined
        || value instanceof Text;
  }

  static long length(Object value) {
    if (value instanceof Text text) {
      return text.codePoints();
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    throw new TemplateException("a value of type " + typeName(value) + " has no length");
  }

  /** The key of the map that equals this one: Python's 1, 1.0 and True are one key. */
  static Object key(Map<?, ?> map, Object key) {
    if (key instanceof List || key instanceof Map) {
      throw new TemplateException("a value of type " + typeName(key) + " cannot be a key");
    }
    if (isNumber(key) && !map.containsKey(key)) {
      for (Object present : map.keySet()) {
        if (isNumber(present) && equal(present, key)) {
          return present;
        }
      }
    }
    return key;
  }

  static String typeName(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Series series) {
      return series.kind().typeName();
    }
    if (value instanceof Text) {
      return "str";
    }
    if (value instanceof List) {
      return "list";
    }
    if (value instanceof Map) {
      return "dict";
    }
    if (value instanceof Boolean) {
      return "bool";
    }
    if (value instanceof Double) {
      return "float";
    }
    return value instanceof Number ? "int" : value.getClass().getSimpleName();
  }

  @SuppressWarnings("unchecked")
  static List<Object> unchecked(List<?> list) {
    return (List<Object>) Objects.requireNonNull(list);
  }

  @SuppressWarnings("unchecked")
  static Map<Object, Object> unchecked(Map<?, ?> map) {
    return (Map<Object, Object>) Objects.requireNonNull(map);
  }
}
