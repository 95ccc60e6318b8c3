package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The operators of expressions, on Python's values. */
final class Operators {
  private Operators() {}

  static Object binary(Render render, String operator, Object left, Object right) {
    return switch (operator) {
      case "+" -> add(render, left, right);
      case "*" -> multiply(render, left, right);
      case "%" ->
          left instanceof Text format
              ? Formats.percent(render, format, right)
              : Numbers.remainder(Values.number(left), Values.number(right));
      case "-" -> Numbers.subtract(Values.number(left), Values.number(right));
      case "/" -> Numbers.divide(Values.number(left), Values.number(right));
      case "//" -> Numbers.floorDivide(Values.number(left), Values.number(right));
      case "**" -> Numbers.power(Values.number(left), Values.number(right));
      default -> throw new IllegalStateException(operator);
    };
  }

  private static Object add(Render render, Object left, Object right) {
    if (left instanceof Text a && right instanceof Text b) {
      return render.builder().append(a).append(b).build();
    }
    if (left instanceof List<?> a
        && right instanceof List<?> b
        && Values.typeName(a).equals(Values.typeName(b))
        && (!(a instanceof Series series) || series.kind() == Series.Kind.TUPLE)) {
      render.budget().work(8L * a.size() + 8L * b.size());
      List<Object> sum = new ArrayList<>(a);
      sum.addAll(b);
      return a instanceof Series ? new Series(Series.Kind.TUPLE, sum) : sum;
    }
    if (Values.isNumber(left) && Values.isNumber(right)) {
      return Numbers.add(Values.number(left), Values.number(right));
    }
    for (Object side : new Object[] {left, right}) {
      if (side instanceof Undefined undefined) {
        throw undefined.error();
      }
    }
    throw new TemplateException(
        "values of the types "
            + Values.typeName(left)
            + " and "
            + Values.typeName(right)
            + " cannot be added");
  }

  private static Object multiply(Render render, Object left, Object right) {
    if (Values.isInteger(left) && (right instanceof Text || right instanceof List)) {
      return multiply(render, right, left);
    }
    if (left instanceof Text text) {
      return repeat(render, text, Values.integer(right));
    }
    if (left instanceof List<?> list
        && (!(list instanceof Series s) || s.kind() == Series.Kind.TUPLE)) {
      long times = Math.max(0, Values.integer(right));
      List<Object> product = new ArrayList<>();
      for (long time = 0; time < times && !list.isEmpty(); time++) {
        render.budget().work(8L * list.size());
        product.addAll(list);
      }
      return list instanceof Series ? new Series(Series.Kind.TUPLE, product) : product;
    }
    return Numbers.multiply(Values.number(left), Values.number(right));
  }

  static Text repeat(Render render, Text text, long times) {
    Text.Builder repeated = render.builder();
    for (long time = 0; time < times && text.length() > 0; time++) {
      repeated.append(text);
    }
    return repeated.build();
  }

  static Object negative(Object value) {
    Number number = Values.number(value);
    return number instanceof Double real ? (Object) (-real) : Numbers.subtract(0L, number);
  }

  static boolean relation(Render render, String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> Values.equal(left, right);
      case "!=" -> !Values.equal(left, right);
      case "<" -> Values.compare(left, right) < 0;
      case "<=" -> Values.compare(left, right) <= 0;
      case ">" -> Values.compare(left, right) > 0;
      case ">=" -> Values.compare(left, right) >= 0;
      case "in" -> contains(render, right, left);
      case "not in" -> !contains(render, right, left);
      default -> throw new IllegalStateException(operator);
    };
  }

  static boolean contains(Render render, Object container, Object item) {
    if (container instanceof Text text) {
      if (item instanceof Text part) {
        return Search.indexOf(text.value(), part.value(), 0) >= 0;
      }
      throw new TemplateException("'in' on text needs text, not " + Values.typeName(item));
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(Values.key(map, item));
    }
    List<Object> items = Values.items(render, container);
    for (Object candidate : items) {
      render.budget().step();
      if (Values.equal(candidate, item)) {
        return true;
      }
    }
    return false;
  }

  /** {@code container[item]}: what is not there is undefined, not an error. */
  static Object subscript(Object container, Object item) {
    if (container instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (container instanceof Map<?, ?> map && !(item instanceof List || item instanceof Map)) {
      Object key = Values.key(map, item);
      if (map.containsKey(key)) {
        return map.get(key);
      }
    } else if (Values.isInteger(item)) {
      long place = Values.integer(item);
      if (container instanceof Text text) {
        long at = place < 0 ? place + text.codePoints() : place;
        if (at >= 0 && at < text.codePoints()) {
          return text.codePoints((int) at, (int) at + 1);
        }
      } else if (container instanceof List<?> list
          && (!(list instanceof Series series) || series.kind().isSequence())) {
        long at = place < 0 ? place + list.size() : place;
        if (at >= 0 && at < list.size()) {
          return list.get((int) at);
        }
      }
    }
    return item instanceof Text name
        ? Attributes.builtIn(container, name)
        : new Undefined("a value of type " + Values.typeName(container) + " lacks an element");
  }

  /** {@code container[start:stop:step]}; null for a part that is left out. */
  static Object slice(Render render, Object container, Object start, Object stop, Object step) {
    if (container instanceof Undefined undefined) {
      throw undefined.error();
    }
    boolean sequence = !(container instanceof Series series) || series.kind().isSequence();
    if (!(container instanceof Text || (container instanceof List && sequence))) {
      return new Undefined("a value of type " + Values.typeName(container) + " has no slices");
    }
    long wanted = step == null ? 1 : Values.integer(step);
    if (wanted == 0) {
      throw new TemplateException("a slice has the step 0");
    }
    long size = Values.length(container);
    long by = Math.max(-size - 1, Math.min(size + 1, wanted)); // a larger one leads out as well
    long from = bound(start, by > 0 ? 0 : size - 1, size, by);
    long to = bound(stop, by > 0 ? size : -1, size, by);
    if (container instanceof Text text && by == 1) {
      return text.codePoints((int) from, (int) Math.max(from, to));
    }
    List<Object> items = Values.items(render, container);
    List<Object> taken = new ArrayList<>();
    render.budget().work(items.size());
    for (long at = from; by > 0 ? at < to : at > to; at += by) {
      taken.add(items.get((int) at));
    }
    if (container instanceof Text) {
      Text.Builder joined = render.builder();
      taken.forEach(character -> joined.append((Text) character));
      return joined.build();
    }
    return container instanceof Series ? new Series(Series.Kind.TUPLE, taken) : taken;
  }

  private static long bound(Object given, long otherwise, long size, long step) {
    if (given == null) {
      return otherwise;
    }
    long place = Values.integer(given);
    long lowest = step > 0 ? 0 : -1;
    long highest = step > 0 ? size : size - 1;
    return Math.max(lowest, Math.min(highest, place < 0 ? place + size : place));
  }
}
