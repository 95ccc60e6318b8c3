package io.github.flinkexecutorch.llm.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Transition;

/**
 * The text of JSON values (RFC 8259), with no white space but one optional space after a colon or a
 * comma between members and elements.
 */
final class JsonText {
  static final Expression COLON = separator(":");
  static final Expression COMMA = separator(",");

  private static final CharacterSet SURROGATES = CharacterSet.of(0xd800, 0xdfff);
  private static final CharacterSet CONTROLS = CharacterSet.of(0, 0x1f);
  private static final CharacterSet UNESCAPED =
      CONTROLS.or(CharacterSet.of("\"\\")).or(SURROGATES).complement();
  private static final String SHORT_ESCAPED = "\"\\/\b\f\n\r\t";
  private static final String SHORT_ESCAPES = "\"\\/bfnrt";

  private static final CharacterSet HEX =
      CharacterSet.of('0', '9').or(CharacterSet.of('a', 'f')).or(CharacterSet.of('A', 'F'));

  private JsonText() {}

  private static Expression separator(String sign) {
    return Expression.sequence(
        Expression.literal(sign), Expression.optional(Expression.literal(" ")));
  }

  /** One string, in quotes, with no escapes but those it needs. */
  static Expression string(String value) {
    StringBuilder text = new StringBuilder("\"");
    value.codePoints().forEach(character -> append(character, text));
    return Expression.literal(text.append('"').toString());
  }

  private static void append(int character, StringBuilder text) {
    int index = SHORT_ESCAPED.indexOf(character);
    if (index >= 0 && character != '/') {
      text.append('\\').append(SHORT_ESCAPES.charAt(index));
    } else if (character < 0x20 || Character.getType(character) == Character.SURROGATE) {
      text.append(String.format("\\u%04x", character));
    } else {
      text.appendCodePoint(character);
    }
  }

  /**
   * The strings, in quotes, whose contents an automaton accepts. Where any character may come, it
   * may come as an escape as well; elsewhere only what needs an escape is escaped.
   *
   * @param contents deterministic, over code points
   */
  static Expression string(Automaton contents) {
    return Expression.sequence(
        Expression.literal("\""),
        (next, automaton) -> escaped(contents, next, automaton),
        Expression.literal("\""));
  }

  /** One constant value; numbers as they are written in the schema. */
  static Expression constant(JsonNode value) {
    List<Expression> parts = new ArrayList<>();
    if (value.isTextual()) {
      return string(value.textValue());
    } else if (value.isObject()) {
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        parts.add(parts.isEmpty() ? Expression.EMPTY : COMMA);
        parts.add(string(field.getKey()));
        parts.add(COLON);
        parts.add(constant(field.getValue()));
      }
      return enclosed("{", parts, "}");
    } else if (value.isArray()) {
      for (JsonNode element : value) {
        parts.add(parts.isEmpty() ? Expression.EMPTY : COMMA);
        parts.add(constant(element));
      }
      return enclosed("[", parts, "]");
    }
    return Expression.literal(value.toString());
  }

  private static Expression enclosed(String open, List<Expression> parts, String close) {
    return Expression.sequence(
        Expression.literal(open), Expression.sequence(parts), Expression.literal(close));
  }

  private static int escaped(Automaton contents, int next, CharacterAutomaton automaton) {
    int[] states = new int[Math.max(1, contents.getNumStates())];
    for (int i = 0; i < states.length; i++) {
      states[i] = automaton.state();
    }
    Transition transition = new Transition();
    for (int i = 0; i < contents.getNumStates(); i++) {
      if (contents.isAccept(i)) {
        automaton.epsilon(states[i], next);
      }
      int count = contents.initTransition(i, transition);
      for (int j = 0; j < count; j++) {
        contents.getNextTransition(transition);
        character(transition, states[i], states[transition.dest], automaton);
      }
    }
    return states[0];
  }

  private static void character(Transition range, int from, int to, CharacterAutomaton automaton) {
    CharacterSet set = CharacterSet.of(range.min, range.max);
    automaton.step(from, set.minus(UNESCAPED.complement()), to);
    boolean any = range.min == 0 && range.max == CharacterSet.MAX;
    CharacterSet escaped = set.minus(UNESCAPED);
    if (escaped.isEmpty()) {
      return;
    }
    int backslash = automaton.state();
    automaton.step(from, '\\', '\\', backslash);
    for (int i = 0; i < SHORT_ESCAPED.length(); i++) {
      char character = SHORT_ESCAPED.charAt(i);
      if (character >= range.min && character <= range.max && (any || character != '/')) {
        automaton.step(backslash, SHORT_ESCAPES.charAt(i), SHORT_ESCAPES.charAt(i), to);
      }
    }
    if (any) {
      automaton.step(backslash, 'u', 'u', anyCodeUnits(to, automaton));
    } else {
      controls(range, backslash, to, automaton);
    }
  }

  private static void controls(
      Transition range, int backslash, int to, CharacterAutomaton automaton) {
    for (int control = range.min; control <= Math.min(range.max, 0x1f); control++) {
      if (SHORT_ESCAPED.indexOf(control) < 0) {
        String digits = String.format("u%04x", control);
        automaton.epsilon(backslash, Expression.literal(digits).before(to, automaton));
      }
    }
  }

  /** Four hexadecimal digits of a character, or a high surrogate and its low one. */
  private static int anyCodeUnits(int to, CharacterAutomaton automaton) {
    int one = automaton.state();
    int two = automaton.state();
    int three = automaton.state();
    automaton.step(one, HEX, to);
    automaton.step(two, HEX, one);
    automaton.step(three, HEX, two);

    CharacterSet d = CharacterSet.of("dD");
    Expression low =
        Expression.sequence(
            Expression.characters(CharacterSet.of("89abAB")),
            Expression.characters(HEX),
            Expression.characters(HEX),
            Expression.literal("\\u"),
            Expression.characters(d),
            Expression.characters(CharacterSet.of("cdefCDEF")));
    int afterD = low.before(two, automaton);
    automaton.step(afterD, CharacterSet.of('0', '7'), two);

    int start = automaton.state();
    automaton.step(start, HEX.minus(d), three);
    automaton.step(start, d, afterD);
    return start;
  }
}
