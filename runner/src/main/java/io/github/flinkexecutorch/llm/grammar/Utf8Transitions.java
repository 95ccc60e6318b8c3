package io.github.flinkexecutorch.llm.grammar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.util.automaton.Automaton;

/**
 * Writes ranges of code points into an automaton as transitions over the bytes of their UTF-8.
 *
 * <p>The automaton library can do that too, but lets overlong forms through, and its automata have
 * twice the states: here, all ranges with the same target share the states of their last bytes.
 */
final class Utf8Transitions {
  private static final int[] FIRST_OF_LENGTH = {0, 0x80, 0x800, 0x10000, CharacterSet.MAX + 1};
  private static final int FIRST_SURROGATE = 0xd800;
  private static final int LAST_SURROGATE = 0xdfff;
  private static final int MIN_CONTINUATION = 0x80;
  private static final int MAX_CONTINUATION = 0xbf;

  private final Automaton.Builder automaton;

  /** By target: states from which 1, 2 or 3 continuation bytes lead to it; 0 for none yet. */
  private final Map<Integer, int[]> continuations = new HashMap<>();

  Utf8Transitions(Automaton.Builder automaton) {
    this.automaton = automaton;
  }

  /** Adds a range; surrogates in it have no UTF-8 and are left out. */
  void add(int from, int min, int max, int to) {
    addScalars(from, min, Math.min(max, FIRST_SURROGATE - 1), to);
    addScalars(from, Math.max(min, LAST_SURROGATE + 1), max, to);
  }

  private void addScalars(int from, int min, int max, int to) {
    for (int length = 1; length < FIRST_OF_LENGTH.length; length++) {
      int low = Math.max(min, FIRST_OF_LENGTH[length - 1]);
      int high = Math.min(max, FIRST_OF_LENGTH[length] - 1);
      if (low <= high) {
        addBytes(from, utf8(low), utf8(high), 0, to);
      }
    }
  }

  private static byte[] utf8(int character) {
    return Character.toString(character).getBytes(StandardCharsets.UTF_8);
  }

  private void addBytes(int from, byte[] min, byte[] max, int index, int to) {
    int low = min[index] & 0xff;
    int high = max[index] & 0xff;
    int rest = min.length - 1 - index;
    boolean whole = all(min, index + 1, MIN_CONTINUATION) && all(max, index + 1, MAX_CONTINUATION);
    if (rest == 0 || whole) {
      automaton.addTransition(from, continuation(to, rest), low, high);
    } else if (low == high) {
      int next = automaton.createState();
      automaton.addTransition(from, next, low, high);
      addBytes(next, min, max, index + 1, to);
    } else {
      byte[] lowMax = filled(min, index + 1, MAX_CONTINUATION);
      byte[] highMin = filled(max, index + 1, MIN_CONTINUATION);
      addBytes(from, min, lowMax, index, to);
      if (low + 1 < high) {
        automaton.addTransition(from, continuation(to, rest), low + 1, high - 1);
      }
      addBytes(from, highMin, max, index, to);
    }
  }

  private int continuation(int to, int count) {
    if (count == 0) {
      return to;
    }
    int[] states = continuations.computeIfAbsent(to, unused -> new int[4]);
    if (states[count] == 0) {
      states[count] = automaton.createState();
      automaton.addTransition(
          states[count], continuation(to, count - 1), MIN_CONTINUATION, MAX_CONTINUATION);
    }
    return states[count];
  }

  private static boolean all(byte[] bytes, int from, int value) {
    for (int i = from; i < bytes.length; i++) {
      if ((bytes[i] & 0xff) != value) {
        return false;
      }
    }
    return true;
  }

  private static byte[] filled(byte[] bytes, int from, int value) {
    byte[] filled = bytes.clone();
    Arrays.fill(filled, from, filled.length, (byte) value);
    return filled;
  }
}
