package io.github.flinkexecutorch.llm.chat;

import java.util.List;
import java.util.Map;

/**
 * One comparison of two values. A list that holds the same list twice, and so on, is as large as a
 * power of two to whoever compares it; so the visits are counted.
 */
final class Comparison {
  private static final int MAX_VISITS = 1 << 20;

  private int visits;

  boolean equal(Object left, Object right) {
    if (Values.isNumber(left) && Values.isNumber(right)) {
      return Numbers.compare(Values.number(left), Values.number(right)) == 0;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return Values.typeName(a).equals(Values.typeName(b)) && equalItems(a, b);
    }
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      return a.size() == b.size()
          && a.entrySet().stream()
              .allMatch(e -> b.containsKey(e.getKey()) && visit(e.getValue(), b.get(e.getKey())));
    }
    if (left instanceof Undefined && right instanceof Undefined) {
      return true;
    }
    return left instanceof Text ? left.equals(right) : left == right;
  }

  private boolean equalItems(List<?> left, List<?> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int at = 0; at < left.size(); at++) {
      if (!visit(left.get(at), right.get(at))) {
        return false;
      }
    }
    return true;
  }

  private boolean visit(Object left, Object right) {
    if (++visits > MAX_VISITS) {
      throw new TemplateException("a comparison of two values takes too long");
    }
    return equal(left, right);
  }

  int compare(Object left, Object right) {
    if (Values.isNumber(left) && Values.isNumber(right)) {
      return Numbers.compare(Values.number(left), Values.number(right));
    }
    if (left instanceof Text a && right instanceof Text b) {
      return a.compareTo(b);
    }
    if (left instanceof List<?> a
        && right instanceof List<?> b
        && Values.typeName(a).equals(Values.typeName(b))) {
      for (int at = 0; at < Math.min(a.size(), b.size()); at++) {
        if (!visit(a.get(at), b.get(at))) {
          return compare(a.get(at), b.get(at));
        }
      }
      return a.size() - b.size();
    }
    if (left instanceof Undefined undefined) {
      throw undefined.error();
    }
    throw new TemplateException(
        "values of the types "
            + Values.typeName(left)
            + " and "
            + Values.typeName(right)
            + " have no order");
  }
}
