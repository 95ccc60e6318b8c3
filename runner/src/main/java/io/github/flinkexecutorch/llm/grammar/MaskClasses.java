package io.github.flinkexecutorch.llm.grammar;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Which states of an automaton have the same mask: those that no text as long as the longest token
 * tells apart. Most positions of a string with a maximum length are such states.
 *
 * <p>Found by refining a partition as in Moore's algorithm, once for each byte of that token.
 */
final class MaskClasses {
  /** Beyond this, finding equal states costs more than they save. */
  private static final long MAX_STEPS = 4_000_000;

  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final ByteAutomaton automaton;
  private final int[] distances;
  private int[] classes;
  private int count;

  private MaskClasses(ByteAutomaton automaton, int[] distances) {
    this.automaton = automaton;
    this.distances = distances;
    this.classes = new int[distances.length];
  }

  /**
   * One number for each state; states with equal numbers have equal masks.
   *
   * @param distances of the states; equal masks lead to states with equal distances, too
   * @param length bytes of the longest token
   */
  static int[] of(ByteAutomaton automaton, int[] distances, int length) {
    MaskClasses classes = new MaskClasses(automaton, distances);
    if ((long) automaton.states() * length > MAX_STEPS) {
      Arrays.setAll(classes.classes, state -> state);
      return classes.classes;
    }
    classes.groupByDistance();
    int before = 0;
    for (int round = 0; round < length && classes.count > before; round++) {
      before = classes.count;
      classes.refine();
    }
    return classes.classes;
  }

  private void groupByDistance() {
    Map<Integer, Integer> known = new HashMap<>();
    for (int state = 0; state < classes.length; state++) {
      Integer group = known.putIfAbsent(distances[state], known.size());
      classes[state] = group == null ? known.size() - 1 : group;
    }
    count = known.size();
  }

  private void refine() {
    Map<Long, Integer> representatives = new HashMap<>();
    int[] refined = new int[classes.length];
    count = 0;
    for (int state = 0; state < classes.length; state++) {
      Integer first = representatives.putIfAbsent(hash(state), state);
      boolean same = first != null && classes[first] == classes[state] && sameSteps(first, state);
      refined[state] = same ? refined[first] : count++;
    }
    classes = refined;
  }

  private long hash(int state) {
    long[] hash = {classes[state]};
    automaton.forEachTransition(
        state,
        (min, max, target) -> {
          long step = ((long) classes[target] << Short.SIZE) | (min << Byte.SIZE) | max;
          hash[0] = (hash[0] ^ step) * MULTIPLIER;
          hash[0] ^= hash[0] >>> 29;
        });
    return hash[0];
  }

  private boolean sameSteps(int left, int right) {
    return automaton.haveSameSteps(left, right, (a, b) -> classes[a] == classes[b]);
  }
}
