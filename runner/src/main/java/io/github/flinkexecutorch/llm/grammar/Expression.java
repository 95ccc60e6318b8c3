package io.github.flinkexecutorch.llm.grammar;

import java.util.List;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Transition;

/** A regular expression over code points, which can write itself into an automaton. */
@FunctionalInterface
interface Expression {
  Expression EMPTY = (next, automaton) -> next;

  /** Matches nothing, not even the empty text. */
  Expression NEVER = (next, automaton) -> automaton.state();

  /**
   * Adds the states of one match in front of another state.
   *
   * @param next where a match ends
   * @return where a match begins
   */
  int before(int next, CharacterAutomaton automaton);

  static Expression characters(CharacterSet set) {
    return (next, automaton) -> {
      int start = automaton.state();
      automaton.step(start, set, next);
      return start;
    };
  }

  static Expression literal(String text) {
    int[] characters = text.codePoints().toArray();
    return (next, automaton) -> {
      int start = next;
      for (int i = characters.length - 1; i >= 0; i--) {
        int state = automaton.state();
        automaton.step(state, characters[i], characters[i], start);
        start = state;
      }
      return start;
    };
  }

  static Expression sequence(List<Expression> parts) {
    return (next, automaton) -> {
      int start = next;
      for (int i = parts.size() - 1; i >= 0; i--) {
        automaton.work();
        start = parts.get(i).before(start, automaton);
      }
      return start;
    };
  }

  static Expression sequence(Expression... parts) {
    return sequence(List.of(parts));
  }

  static Expression choice(List<Expression> alternatives) {
    return (next, automaton) -> {
      int start = automaton.state();
      for (Expression alternative : alternatives) {
        automaton.epsilon(start, alternative.before(next, automaton));
      }
      return start;
    };
  }

  static Expression choice(Expression... alternatives) {
    return choice(List.of(alternatives));
  }

  static Expression optional(Expression part) {
    return choice(EMPTY, part);
  }

  /**
   * One part several times.
   *
   * @param max -1 for no limit
   */
  static Expression repeat(Expression part, int min, int max) {
    return (next, automaton) -> {
      int start = automaton.state();
      automaton.epsilon(start, next);
      if (max < 0) {
        automaton.epsilon(start, part.before(start, automaton));
      }
      for (int i = min; i < max; i++) {
        int one = automaton.state();
        automaton.epsilon(one, next);
        automaton.epsilon(one, part.before(start, automaton));
        start = one;
      }
      for (int i = 0; i < min; i++) {
        automaton.work();
        start = part.before(start, automaton);
      }
      return start;
    };
  }

  /** The language of a deterministic automaton. */
  static Expression of(Automaton language) {
    return (next, automaton) -> {
      int[] states = new int[Math.max(1, language.getNumStates())];
      for (int i = 0; i < states.length; i++) {
        states[i] = automaton.state();
      }
      Transition transition = new Transition();
      for (int i = 0; i < language.getNumStates(); i++) {
        if (language.isAccept(i)) {
          automaton.epsilon(states[i], next);
        }
        int count = language.initTransition(i, transition);
        for (int j = 0; j < count; j++) {
          language.getNextTransition(transition);
          automaton.step(states[i], transition.min, transition.max, states[transition.dest]);
        }
      }
      return states[0];
    };
  }
}
