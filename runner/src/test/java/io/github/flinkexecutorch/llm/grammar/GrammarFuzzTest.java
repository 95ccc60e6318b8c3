package io.github.flinkexecutorch.llm.grammar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as a grammar: it is refused, or a completion exists that ends as the masks lead it. */
class GrammarFuzzTest {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final FakeVocabulary VOCABULARY = vocabulary();

  /** A completion that is walked; longer ones would only repeat themselves. */
  private static final int MOST_TOKENS = 2_000;

  static {
    MAPPER
        .getFactory()
        .setStreamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(10_000).build());
  }

  static Stream<Arguments> schemas() {
    return Seeds.in("schemas", ".*\\.json");
  }

  @FuzzTest
  void shouldCompileOrRefuseAnyExpression(byte[] regex) {
    shortestText(Grammars.REGEX, new String(regex, UTF_8));
  }

  @MethodSource("schemas")
  @FuzzTest
  void shouldCompileOrRefuseAnySchema(byte[] schema) {
    shortestText(Grammars.JSON_SCHEMA, new String(schema, UTF_8))
        .ifPresent(
            text ->
                assertThatCode(() -> MAPPER.readTree(text)).as(text).doesNotThrowAnyException());
  }

  /**
   * Follows the distances to the end of a text; empty if the grammar is refused or its text long.
   */
  private static Optional<String> shortestText(String type, String source) {
    Grammar grammar;
    try {
      grammar = Grammars.compile(type, source, VOCABULARY, Set.of(VOCABULARY.eosId()));
    } catch (InvalidRequestException e) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    int state = 0;
    for (int i = 0; i < MOST_TOKENS; i++) {
      if (grammar.isAccepting(state)) {
        return Optional.of(text.toString());
      }
      int from = state;
      int token =
          IntStream.range(0, VOCABULARY.vocabSize())
              .filter(candidate -> grammar.step(from, candidate) != ByteAutomaton.DEAD)
              .boxed()
              .min(
                  Comparator.comparingInt(
                      candidate -> grammar.distance(grammar.step(from, candidate))))
              .orElseThrow();
      state = grammar.step(from, token);
      assertThat(grammar.distance(state)).isLessThan(grammar.distance(from));
      text.append(VOCABULARY.idToPiece(token));
    }
    return Optional.empty();
  }

  private static FakeVocabulary vocabulary() {
    List<String> pieces = new ArrayList<>(List.of("\t", "\n", "true", "null", "\":", "\u00e4"));
    for (char letter = ' '; letter <= '~'; letter++) {
      pieces.add(String.valueOf(letter));
    }
    pieces.add("<eos>");
    return FakeVocabulary.withEos(pieces.toArray(String[]::new));
  }
}
