package io.github.flinkexecutorch.llm.grammar;

import java.util.Arrays;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Transition;

/**
 * A deterministic automaton over the bytes of UTF-8 text. Immutable.
 *
 * <p>From each of its states some text leads to an accepting one. State 0 is the first.
 */
final class ByteAutomaton {
  /** What {@link #step} says where the text cannot go on so. */
  static final int DEAD = -1;

  private final boolean[] accepting;

  /** Where the transitions of each state begin, and where those of the last one end. */
  private final int[] first;

  /** Lowest byte in the upper half, highest in the lower half; those of one state are sorted. */
  private final char[] ranges;

  private final int[] targets;

  private ByteAutomaton(Automaton automaton) {
    int states = automaton.getNumStates();
    accepting = new boolean[states];
    first = new int[states + 1];
    ranges = new char[automaton.getNumTransitions()];
    targets = new int[ranges.length];
    Transition transition = new Transition();
    int next = 0;
    for (int state = 0; state < states; state++) {
      accepting[state] = automaton.isAccept(state);
      int count = automaton.initTransition(state, transition);
      for (int i = 0; i < count; i++) {
        automaton.getNextTransition(transition);
        ranges[next] = (char) (transition.min << Byte.SIZE | transition.max);
        targets[next++] = transition.dest;
      }
      first[state + 1] = next;
    }
  }

  /**
   * The automaton of an expression.
   *
   * @throws io.github.flinkexecutorch.llm.InvalidRequestException if it is too large, or matches
   *     nothing
   */
  static ByteAutomaton of(Expression expression) {
    Automaton bytes = CharacterAutomaton.utf8(expression);
    if (bytes.getNumStates() == 0) {
      throw GrammarLimits.invalid(
          "No text matches the grammar. Look for properties that are required and never valid,"
              + " bounds that exclude each other, and references without an end");
    }
    if (bytes.getNumStates() > GrammarLimits.MAX_BYTE_STATES) {
      throw GrammarLimits.tooLarge();
    }
    return new ByteAutomaton(bytes);
  }

  int states() {
    return accepting.length;
  }

  boolean isAccepting(int state) {
    return accepting[state];
  }

  /**
   * Where a byte leads.
   *
   * @param value 0 to 255
   * @return a state, or {@link #DEAD}
   */
  int step(int state, int value) {
    int end = first[state + 1];
    for (int i = first[state]; i < end; i++) {
      if (value <= (ranges[i] & 0xff)) {
        return value >= ranges[i] >> Byte.SIZE ? targets[i] : DEAD;
      }
    }
    return DEAD;
  }

  /**
   * Where each byte leads, as {@link #step} has it.
   *
   * @param reused an earlier answer that is written over, null for a new one
   */
  int[] steps(int state, int[] reused) {
    int[] steps = reused == null ? new int[1 << Byte.SIZE] : reused;
    Arrays.fill(steps, DEAD);
    for (int i = first[state]; i < first[state + 1]; i++) {
      Arrays.fill(steps, ranges[i] >> Byte.SIZE, (ranges[i] & 0xff) + 1, targets[i]);
    }
    return steps;
  }

  /** Where several bytes lead. */
  int step(int state, byte[] bytes) {
    int next = state;
    for (int i = 0; i < bytes.length && next != DEAD; i++) {
      next = step(next, bytes[i] & 0xff);
    }
    return next;
  }

  /** Receives one transition. */
  interface TransitionVisitor {
    void transition(int min, int max, int target);
  }

  void forEachTransition(int state, TransitionVisitor visitor) {
    for (int i = first[state]; i < first[state + 1]; i++) {
      visitor.transition(ranges[i] >> Byte.SIZE, ranges[i] & 0xff, targets[i]);
    }
  }

  /** Compares two targets. */
  interface TargetComparison {
    boolean same(int left, int right);
  }

  /** Whether two states take the same bytes to targets that count as the same. */
  boolean haveSameSteps(int left, int right, TargetComparison comparison) {
    int count = first[left + 1] - first[left];
    if (first[right + 1] - first[right] != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      int mine = first[left] + i;
      int other = first[right] + i;
      if (ranges[mine] != ranges[other] || !comparison.same(targets[mine], targets[other])) {
        return false;
      }
    }
    return true;
  }
}
