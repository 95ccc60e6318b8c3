package io.github.flinkexecutorch.llm.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.Schema;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.Transition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StringFormatsTest {
  @ParameterizedTest
  @MethodSource("names")
  void shouldMatchNothingThatTheValidatorRefuses(String format) {
    Schema validator = Schemas.validator("{\"type\":\"string\",\"format\":\"" + format + "\"}");
    Automaton automaton = CharacterAutomaton.of(StringFormats.expression(format, "#"));
    Random random = new Random(3);
    for (int i = 0; i < 4000; i++) {
      String text = sample(automaton, random);
      assertThat(Schemas.errors(validator, '"' + text + '"')).as(text).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "date, 2024-02-29, true",
    "date, 2000-02-29, true",
    "date, 1900-02-29, false",
    "date, 2023-02-29, false",
    "date, 2023-04-31, false",
    "date, 2023-13-01, false",
    "time, 23:59:59Z, true",
    "time, 24:00:00Z, false",
    "time, 10:00:00.125+05:30, true",
    "date-time, 2026-11-25T10:00:00Z, true",
    "date-time, 2026-11-25 10:00:00Z, false",
    "uuid, 123e4567-e89b-12d3-a456-426614174000, true",
    "ipv4, 255.0.10.199, true",
    "ipv4, 256.0.0.1, false",
    "ipv4, 01.0.0.1, false",
    "ipv6, 2001:db8:0:0:0:0:0:1, true",
    "hostname, shop.example.com, true",
    "hostname, -a.example.com, false",
    "email, jane.doe@example.co.uk, true",
    "email, jane@, false",
    "uri, https://example.com/orders/17, true",
    "uri, ftp://example.com, false"
  })
  void shouldMatchTheFormat(String format, String text, boolean matches) {
    Automaton automaton = CharacterAutomaton.of(StringFormats.expression(format, "#"));

    assertThat(Operations.run(automaton, text)).isEqualTo(matches);
  }

  @Test
  void shouldNameAFormatThatItDoesNotKnow() {
    assertThatThrownBy(() -> StringFormats.expression("regex", "#/properties/a"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage(
            "The JSON schema at #/properties/a has the format regex, which cannot be enforced;"
                + " supported are date, date-time, email, hostname, ipv4, ipv6, time, uri, uuid."
                + " Describe it by pattern instead");
  }

  static Set<String> names() {
    // The validator knows the top-level domains; our e-mail addresses and hosts may have others.
    Set<String> names = new TreeSet<>(StringFormats.names());
    names.remove("email");
    return names;
  }

  private static String sample(Automaton automaton, Random random) {
    StringBuilder text = new StringBuilder();
    Transition transition = new Transition();
    int state = 0;
    while (true) {
      int count = automaton.getNumTransitions(state);
      if (count == 0 || (automaton.isAccept(state) && random.nextInt(4) == 0)) {
        return text.toString();
      }
      automaton.getTransition(state, random.nextInt(count), transition);
      text.appendCodePoint(transition.min + random.nextInt(transition.max - transition.min + 1));
      state = transition.dest;
    }
  }
}
