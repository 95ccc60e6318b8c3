package io.github.flinkexecutorch.llm.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;

/**
 * A nondeterministic automaton over code points while it is built, from its end to its beginning.
 *
 * <p>Counts what it holds, so that a small expression with a huge automaton is refused early.
 * Confined to one thread.
 */
final class CharacterAutomaton {
  private record Step(int min, int max, int to) {}

  private final List<List<Step>> steps = new ArrayList<>();
  private final List<List<Integer>> epsilons = new ArrayList<>();
  private int work;

  /** The language of one expression, deterministic, over code points. */
  static Automaton of(Expression expression) {
    return of(expression, false);
  }

  /** The language of one expression, deterministic, over the bytes of UTF-8. */
  static Automaton utf8(Expression expression) {
    return of(expression, true);
  }

  private static Automaton of(Expression expression, boolean utf8) {
    CharacterAutomaton automaton = new CharacterAutomaton();
    int accept = automaton.state();
    int start = expression.before(accept, automaton);
    return determinize(automaton.withoutEpsilons(start, accept, utf8));
  }

  static Automaton determinize(Automaton automaton) {
    try {
      return Operations.removeDeadStates(
          Operations.determinize(automaton, GrammarLimits.MAX_DETERMINIZE_WORK));
    } catch (TooComplexToDeterminizeException e) {
      throw (RuntimeException) GrammarLimits.tooLarge().initCause(e);
    }
  }

  /** Every text. */
  static Automaton anything() {
    return of(Expression.repeat(Expression.characters(CharacterSet.ANY), 0, -1));
  }

  /** Every text that a deterministic automaton does not accept. */
  static Automaton complement(Automaton automaton) {
    return determinize(Operations.complement(automaton, GrammarLimits.MAX_DETERMINIZE_WORK));
  }

  int state() {
    if (steps.size() >= GrammarLimits.MAX_CHARACTER_STATES) {
      throw GrammarLimits.tooLarge();
    }
    work();
    steps.add(new ArrayList<>(2));
    epsilons.add(new ArrayList<>(1));
    return steps.size() - 1;
  }

  void step(int from, CharacterSet characters, int to) {
    for (CharacterSet.Range range : characters.ranges()) {
      step(from, range.min(), range.max(), to);
    }
  }

  void step(int from, int min, int max, int to) {
    work();
    steps.get(from).add(new Step(min, max, to));
  }

  void epsilon(int from, int to) {
    work();
    epsilons.get(from).add(to);
  }

  /** Counts one step of construction, so that even one without states comes to an end. */
  void work() {
    if (++work > GrammarLimits.MAX_CHARACTER_WORK) {
      throw GrammarLimits.tooLarge();
    }
  }

  private Automaton withoutEpsilons(int start, int accept, boolean utf8) {
    Automaton.Builder builder = new Automaton.Builder();
    Utf8Transitions bytes = new Utf8Transitions(builder);
    int[] ids = new int[steps.size()];
    Arrays.fill(ids, -1);
    int[] visits = new int[steps.size()];
    List<Integer> reached = new ArrayList<>(List.of(start));
    ids[start] = builder.createState();
    for (int i = 0; i < reached.size(); i++) {
      int from = ids[reached.get(i)];
      for (int state : closure(reached.get(i), visits, i + 1)) {
        if (state == accept) {
          builder.setAccept(from, true);
        }
        for (Step step : steps.get(state)) {
          work();
          if (ids[step.to] < 0) {
            ids[step.to] = builder.createState();
            reached.add(step.to);
          }
          if (utf8) {
            bytes.add(from, step.min, step.max, ids[step.to]);
          } else {
            builder.addTransition(from, ids[step.to], step.min, step.max);
          }
        }
      }
    }
    return builder.finish();
  }

  /** What is reached without reading a character; {@code visit} marks it in {@code visits}. */
  private List<Integer> closure(int state, int[] visits, int visit) {
    List<Integer> closure = new ArrayList<>(List.of(state));
    visits[state] = visit;
    for (int i = 0; i < closure.size(); i++) {
      for (int next : epsilons.get(closure.get(i))) {
        work();
        if (visits[next] != visit) {
          visits[next] = visit;
          closure.add(next);
        }
      }
    }
    return closure;
  }
}
