package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8TransitionsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 10ffff",
    "5d, d7ff",
    "e000, 10ffff",
    "80, 7ff",
    "7f, 801",
    "d7fe, e001",
    "d800, dfff",
    "fff0, 10010",
    "12345, 54321",
    "10fffe, 10ffff",
    "e9, e9"
  })
  void shouldAcceptExactlyTheCharactersOfTheRange(String first, String last) {
    int min = Integer.parseInt(first, 16);
    int max = Integer.parseInt(last, 16);
    ByteAutomaton automaton =
        ByteAutomaton.of(
            Expression.choice(
                Expression.literal("!!"), Expression.characters(CharacterSet.of(min, max))));
    for (int character = 0; character <= CharacterSet.MAX; character++) {
      boolean surrogate = character >= 0xd800 && character <= 0xdfff;
      if (!surrogate) {
        byte[] bytes = Character.toString(character).getBytes(StandardCharsets.UTF_8);
        assertThat(accepts(automaton, bytes))
            .as("%x", character)
            .isEqualTo(min <= character && character <= max);
      }
    }
  }

  @Test
  void shouldRefuseBytesThatAreNoUtf8() {
    ByteAutomaton automaton = ByteAutomaton.of(Expression.characters(CharacterSet.ANY));
    int accepted = 0;
    for (int value = 0; value < 1 << 24; value++) {
      byte[] bytes = {(byte) (value >> 16), (byte) (value >> 8), (byte) value};
      accepted += accepts(automaton, bytes) ? 1 : 0;
    }

    assertThat(accepted).isEqualTo(0x10000 - 0x800 - 0x800); // those of three bytes, no surrogates
  }

  private static boolean accepts(ByteAutomaton automaton, byte[] bytes) {
    int state = automaton.step(0, bytes);
    return state != ByteAutomaton.DEAD && automaton.isAccepting(state);
  }
}
