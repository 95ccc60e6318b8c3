package io.github.flinkexecutorch.llm.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every format against its reference library, on the same texts. */
class TokenizerGoldensTest {
  static List<String> formats() {
    return List.of(
        "byte-level",
        "byte-fallback",
        "metaspace-unigram",
        "tiktoken",
        "tekken",
        "sentencepiece-bpe",
        "sentencepiece-unigram",
        "llama2c");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void shouldEncodeAsTheReferenceLibrary(String format) {
    assertAllEqual(
        format,
        TokenizerGoldens::ids,
        (tokenizer, golden) -> list(tokenizer.encode(golden.text(), 0, 0)));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void shouldEncodeSpellingsOfSpecialTokensAsPlainText(String format) {
    assertAllEqual(
        format,
        TokenizerGoldens::ordinary,
        (tokenizer, golden) -> list(tokenizer.encodeOrdinary(golden.text())));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void shouldDecodePieceByPieceAsTheReferenceLibraryDoesAtOnce(String format) {
    assertAllEqual(
        format,
        TokenizerGoldens::decoded,
        (tokenizer, golden) ->
            TokenizerGoldens.decode(
                tokenizer, golden.ids().stream().mapToInt(Integer::intValue).toArray()));
  }

  /** Fails with a few of the texts that differ and their number. */
  private static <T> void assertAllEqual(
      String format,
      Function<TokenizerGoldens, T> expected,
      BiFunction<Tokenizer, TokenizerGoldens, T> actual) {
    try (Tokenizer tokenizer = Tokenizers.load(TokenizerGoldens.folder(format))) {
      assertThat(TokenizerGoldens.of(format))
          .filteredOn(golden -> !expected.apply(golden).equals(actual.apply(tokenizer, golden)))
          .isEmpty();
    }
  }

  private static List<Integer> list(int[] ids) {
    return IntStream.of(ids).boxed().toList();
  }
}
