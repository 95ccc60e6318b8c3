package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopStringsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // stops      | text         | kept
        "END          | abcENDdef    | abc",
        "END          | abcEN        | abcEN",
        "aab          | aaab         | a",
        "xyz;yz       | axyz         | a",
        "yz;xyz       | axyz         | a",
        "ab;b         | zab          | z",
        "ü            | für          | f",
        "🙂           | a🙂b         | a",
        "never        | plain        | plain",
      })
  void shouldEndBeforeTheEarliestStopTextHoweverTheTextIsCut(
      String stops, String text, String kept) {
    var random = new SplittableRandom(7);
    for (int round = 0; round < 100; round++) {
      var filter = new StopStrings(List.of(stops.split(";")));
      var streamed = new StringBuilder();
      int from = 0;
      while (from < text.length()) {
        int to = text.offsetByCodePoints(from, 1);
        while (to < text.length() && random.nextBoolean()) {
          to = text.offsetByCodePoints(to, 1);
        }
        streamed.append(filter.append(text.substring(from, to)));
        assertThat(kept).startsWith(streamed);
        from = to;
      }
      streamed.append(filter.finish());

      assertThat(streamed.toString()).isEqualTo(kept);
      assertThat(filter.found()).isEqualTo(!kept.equals(text));
    }
  }

  @Test
  void shouldHoldBackOnlyWhatMayBecomeAStopText() {
    var filter = new StopStrings(List.of("END"));

    assertThat(filter.append("abcE")).isEqualTo("abc");
    assertThat(filter.append("x")).isEqualTo("Ex");
  }

  @Test
  void shouldEndAGenerationInsideAToken() {
    var config = GenerationConfig.greedy().toBuilder().stop("lo\n").maxNewTokens(9).build();
    var module = FakeModule.answering("hi", FakeTokenizer.ids("hello\nworld"));

    var result = new TextLLMRunner(module, new FakeTokenizer()).generate("hi", config);

    assertThat(result.text()).isEqualTo("hel");
    assertThat(result.tokens()).hasSize(6);
    assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
  }
}
