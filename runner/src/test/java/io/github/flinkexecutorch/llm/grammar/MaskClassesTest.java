package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskClassesTest {
  private static final String[] PIECES = pieces();

  @ParameterizedTest
  @MethodSource("io.github.flinkexecutorch.llm.grammar.Schemas#names")
  void shouldPutStatesTogetherOnlyIfTheirMasksAreEqual(String name) {
    ByteAutomaton automaton =
        ByteAutomaton.of(Grammars.expression(Grammars.JSON_SCHEMA, Schemas.read(name)));
    TokenTrie trie = trie();
    int[] distances = TokenDistances.of(automaton, trie);
    int[] classes = MaskClasses.of(automaton, distances, trie.maxDepth());
    Map<Integer, String> masks = new HashMap<>();
    for (int state = 0; state < automaton.states(); state++) {
      StringBuilder mask = new StringBuilder();
      trie.walk(
          automaton,
          state,
          (token, next) -> mask.append(token).append(':').append(distances[next]).append(' '));
      assertThat(masks.putIfAbsent(classes[state], mask.toString())).isIn(null, mask.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1000})
  void shouldPutMostPositionsOfALongStringTogether(int maxLength) {
    ByteAutomaton automaton =
        ByteAutomaton.of(
            Grammars.expression(
                Grammars.JSON_SCHEMA, "{\"type\":\"string\",\"maxLength\":" + maxLength + "}"));
    TokenTrie trie = trie();
    int[] classes = MaskClasses.of(automaton, TokenDistances.of(automaton, trie), trie.maxDepth());

    assertThat(Arrays.stream(classes).distinct().count()).isLessThan(500);
    assertThat(automaton.states()).isGreaterThan(20 * maxLength);
  }

  private static TokenTrie trie() {
    byte[][] bytes = new byte[PIECES.length][];
    for (int i = 0; i < PIECES.length; i++) {
      bytes[i] = PIECES[i].getBytes(StandardCharsets.ISO_8859_1);
    }
    return new TokenTrie(bytes);
  }

  /** All bytes, and tokens of several. */
  private static String[] pieces() {
    String[] longer = {
      "\":\"", "\",\"", "ca", "cat", "12", "2024", "\\u00", "\u00c3\u00a9", "ref", "-1"
    };
    String[] pieces = Arrays.copyOf(longer, longer.length + 256);
    for (int value = 0; value < 256; value++) {
      pieces[longer.length + value] = Character.toString((char) value);
    }
    return pieces;
  }
}
