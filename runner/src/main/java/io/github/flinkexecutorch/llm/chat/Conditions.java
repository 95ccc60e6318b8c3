package io.github.flinkexecutorch.llm.chat;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Every test, what follows {@code is}, by its name. */
final class Conditions {
  static final Map<String, Function> ALL =
      Map.ofEntries(
          entry("defined", of(value -> !(value instanceof Undefined))),
          entry("undefined", of(value -> value instanceof Undefined)),
          entry("none", of(value -> value == null)),
          entry("true", of(value -> Boolean.TRUE.equals(value))),
          entry("false", of(value -> Boolean.FALSE.equals(value))),
          entry("boolean", of(value -> value instanceof Boolean)),
          entry("string", of(value -> value instanceof Text)),
          entry("number", of(Values::isNumber)),
          entry("integer", of(value -> Values.isInteger(value) && !(value instanceof Boolean))),
          entry("float", of(value -> value instanceof Double)),
          entry("mapping", of(value -> value instanceof Map)),
          entry("iterable", of(Values::isIterable)),
          entry("sequence", of(Conditions::isSequence)),
          entry("callable", of(value -> value instanceof Function)),
          entry("escaped", of(value -> false)),
          entry("odd", of(value -> remainder(value, 2L) == 1)),
          entry("even", of(value -> remainder(value, 2L) == 0)),
          entry("divisibleby", Conditions::isDivisible),
          entry("upper", (render, arguments) -> isCase(render, arguments, "isupper")),
          entry("lower", (render, arguments) -> isCase(render, arguments, "islower")),
          entry(
              "filter",
              of(name -> name instanceof Text text && Filters.ALL.containsKey(text.value()))),
          entry("test", of(Conditions::isTest)),
          entry("sameas", Conditions::isSame),
          entry("in", (render, arguments) -> relation(render, "in", arguments)),
          entry("eq", (render, arguments) -> relation(render, "==", arguments)),
          entry("equalto", (render, arguments) -> relation(render, "==", arguments)),
          entry("==", (render, arguments) -> relation(render, "==", arguments)),
          entry("ne", (render, arguments) -> relation(render, "!=", arguments)),
          entry("!=", (render, arguments) -> relation(render, "!=", arguments)),
          entry("lt", (render, arguments) -> relation(render, "<", arguments)),
          entry("lessthan", (render, arguments) -> relation(render, "<", arguments)),
          entry("<", (render, arguments) -> relation(render, "<", arguments)),
          entry("le", (render, arguments) -> relation(render, "<=", arguments)),
          entry("<=", (render, arguments) -> relation(render, "<=", arguments)),
          entry("gt", (render, arguments) -> relation(render, ">", arguments)),
          entry("greaterthan", (render, arguments) -> relation(render, ">", arguments)),
          entry(">", (render, arguments) -> relation(render, ">", arguments)),
          entry("ge", (render, arguments) -> relation(render, ">=", arguments)),
          entry(">=", (render, arguments) -> relation(render, ">=", arguments)));

  private Conditions() {}

  static Function named(Text name) {
    Function test = ALL.get(name.value());
    if (test == null) {
      throw new TemplateException("there is no test '" + name.redacted() + "'");
    }
    return test;
  }

  private static Function of(Predicate<Object> property) {
    return (render, arguments) -> property.test(arguments.bind(1, "value").get(0));
  }

  private static boolean isTest(Object name) {
    return name instanceof Text text && ALL.containsKey(text.value());
  }

  private static boolean isSequence(Object value) {
    boolean view = value instanceof Series series && !series.kind().isSequence();
    return Values.isIterable(value) && !(value instanceof Generator) && !view;
  }

  private static long remainder(Object value, Object divisor) {
    return Numbers.remainder(Values.number(value), Values.number(divisor)).longValue();
  }

  private static Object isDivisible(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "value", "num");
    return remainder(given.get(0), given.get(1)) == 0;
  }

  private static Object isCase(Render render, Arguments arguments, String method) {
    Text text = arguments.bind(1, "value").printed(render, 0);
    return TextMethods.ALL.get(method).call(render, Arguments.of(text));
  }

  /** Identity: of small values, that they are equal and of one type. */
  private static Object isSame(Render render, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "value", "other");
    Object value = given.get(0);
    Object other = given.get(1);
    boolean large = value instanceof List || value instanceof Map;
    return value == other
        || (!large
            && value != null
            && other != null
            && value.getClass() == other.getClass()
            && Values.equal(value, other));
  }

  private static Object relation(Render render, String operator, Arguments arguments) {
    Arguments.Bound given = arguments.bind(2, "value", "other");
    return Operators.relation(render, operator, given.get(0), given.get(1));
  }
}
