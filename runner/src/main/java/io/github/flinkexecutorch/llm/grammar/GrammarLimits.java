package io.github.flinkexecutorch.llm.grammar;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;

/** What one grammar may cost; beyond it, the request that brings the grammar is refused. */
final class GrammarLimits {
  /** Characters of a schema or a regular expression. */
  static final int MAX_GRAMMAR_LENGTH = 65_536;

  /** How deep schemas and groups may lie in each other, references included. */
  static final int MAX_NESTING = 64;

  /** How often a definition may be open inside itself. */
  static final int MAX_RECURSION = 4;

  /** How deep values lie in each other where the schema leaves them free. */
  static final int MAX_FREE_DEPTH = 3;

  /** Alternatives of one schema after {@code anyOf} and {@code allOf} are multiplied out. */
  static final int MAX_ALTERNATIVES = 256;

  /** Digits of an integer: all such numbers fit a Java {@code long}. */
  static final int INTEGER_DIGITS = 18;

  /** Digits of a number before its point, and after it: as many as a double keeps. */
  static final int NUMBER_DIGITS = 15;

  /** Powers of ten in a number of a schema: what a double has, and some. */
  static final int MAX_EXPONENT = 1_000;

  /** States, and steps of their construction, of the automaton over characters. */
  static final int MAX_CHARACTER_STATES = 100_000;

  static final int MAX_CHARACTER_WORK = 2_000_000;

  /** States of the automaton over bytes. */
  static final int MAX_BYTE_STATES = 150_000;

  /** Work of making an automaton deterministic, in the units of the automaton library. */
  static final int MAX_DETERMINIZE_WORK = 100_000;

  private GrammarLimits() {}

  static InvalidRequestException tooLarge() {
    return invalid(
        "The grammar is too large: its automaton needs more than "
            + MAX_BYTE_STATES
            + " states or too much work. Lower maxLength, maxItems and the bounds of repetitions,"
            + " or leave out maxLength: strings without it cost least");
  }

  static InvalidRequestException invalid(String message) {
    return new InvalidRequestException(Reason.INVALID_PARAMETER, message);
  }
}
