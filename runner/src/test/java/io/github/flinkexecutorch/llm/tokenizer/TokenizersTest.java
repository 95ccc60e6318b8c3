package io.github.flinkexecutorch.llm.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TokenizersTest {
  private static final String FORMATS =
      "io.github.flinkexecutorch.llm.tokenizer.TokenizerGoldensTest#formats";

  @ParameterizedTest
  @CsvSource({
    "byte-level, 1, 2, <s>, </s>, 1402",
    "byte-fallback, 1, 2, <s>, </s>, 1400",
    "metaspace-unigram, 0, 1, <s>, </s>, 805",
    "tiktoken, 1500, 1501, <|begin_of_text|>, <|end_of_text|>, 1756",
    "tekken, 1, 2, <s>, </s>, 2450",
    "sentencepiece-bpe, 1, 2, <s>, </s>, 1500",
    "sentencepiece-unigram, 1, 2, <s>, </s>, 805",
    "llama2c, 1, 2, <s>, </s>, 1502",
  })
  void shouldKnowTheTokensThatTheFilesName(
      String format, int bos, int eos, String bosPiece, String eosPiece, int size) {
    try (Tokenizer tokenizer = open(format)) {
      assertThat(tokenizer.bosId()).isEqualTo(bos);
      assertThat(tokenizer.eosId()).isEqualTo(eos);
      assertThat(tokenizer.idToPiece(bos)).isEqualTo(bosPiece);
      assertThat(tokenizer.pieceToId(eosPiece)).isEqualTo(eos);
      assertThat(tokenizer.vocabSize()).isEqualTo(size);
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldAddAsManySpecialTokensAsAskedFor(String format) {
    try (Tokenizer tokenizer = open(format)) {
      int bos = tokenizer.bosId();
      int eos = tokenizer.eosId();
      int[] alone = tokenizer.encode("my order", 0, 0);

      assertThat(tokenizer.encode("my order", 2, 3))
          .startsWith(bos, bos)
          .endsWith(eos, eos, eos)
          .hasSize(alone.length + 5)
          .containsSubsequence(alone);
      assertThat(tokenizer.encode("my order", 0, 1)).doesNotContain(bos).endsWith(eos);
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldAddOneBosInFrontOfTheSameTokens(String format) {
    try (Tokenizer tokenizer = open(format)) {
      for (String text : List.of("", " a", "my order", "<s>")) {
        int[] alone = tokenizer.encode(text, 0, 0);
        int[] expected = new int[alone.length + 1];
        expected[0] = tokenizer.bosId();
        System.arraycopy(alone, 0, expected, 1, alone.length);
        assertThat(tokenizer.encode(text, 1, 0)).as(text).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldFindEveryTokenByItsPiece(String format) {
    try (Tokenizer tokenizer = open(format)) {
      for (int id = 0; id < tokenizer.vocabSize(); id++) {
        String piece = tokenizer.idToPiece(id);
        assertThat(tokenizer.idToPiece(tokenizer.pieceToId(piece))).isEqualTo(piece);
      }
      assertThat(tokenizer.pieceToId("no such piece")).isEqualTo(Tokenizer.UNKNOWN);
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldRefuseIdsOutsideOfTheVocabulary(String format) {
    try (Tokenizer tokenizer = open(format)) {
      for (int id : new int[] {-1, tokenizer.vocabSize(), Integer.MAX_VALUE}) {
        assertThatThrownBy(() -> tokenizer.decode(0, id))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("No token has the id " + id);
        assertThatThrownBy(() -> tokenizer.idToPiece(id))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldTellMarkupFromText(String format) {
    try (Tokenizer tokenizer = open(format)) {
      assertThat(tokenizer.isSpecial(tokenizer.bosId())).isTrue();
      assertThat(tokenizer.isSpecial(tokenizer.eosId())).isTrue();
      String spelled = "plain text " + tokenizer.idToPiece(tokenizer.eosId());
      assertThat(Arrays.stream(tokenizer.encodeOrdinary(spelled))).noneMatch(tokenizer::isSpecial);
      assertThat(tokenizer.isSpecial(-1)).isFalse();
      assertThat(tokenizer.isSpecial(tokenizer.vocabSize())).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldReplaceHalfACharacter(String format) {
    try (Tokenizer tokenizer = open(format)) {
      assertThat(tokenizer.encode("a\ud83d b", 0, 0))
          .isEqualTo(tokenizer.encode("a\uFFFD b", 0, 0));
      assertThat(tokenizer.encodeOrdinary("a\ude00\ud83d b"))
          .isEqualTo(tokenizer.encodeOrdinary("a\uFFFD\uFFFD b"));
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldMakeNoSpecialTokenOfWhatATextSpells(String format) {
    try (Tokenizer tokenizer = open(format)) {
      for (int id : new int[] {tokenizer.bosId(), tokenizer.eosId()}) {
        String spelled = "x" + tokenizer.idToPiece(id) + tokenizer.idToPiece(id) + " y";
        assertThat(tokenizer.encodeOrdinary(spelled)).doesNotContain(id).hasSizeGreaterThan(5);
      }
      int markup = tokenizer.pieceToId("<|im_start|>");
      assertThat(tokenizer.encodeOrdinary("<|im_start|>")).doesNotContain(markup);
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldGiveTheSameIdsToThreadsThatEncodeAtOnce(String format) {
    try (Tokenizer tokenizer = open(format)) {
      List<TokenizerGoldens> goldens = TokenizerGoldens.of(format);
      List<List<Integer>> ids =
          goldens.parallelStream()
              .map(golden -> list(tokenizer.encode(golden.text(), 0, 0)))
              .toList();
      List<List<Integer>> ordinary =
          goldens.parallelStream()
              .map(golden -> list(tokenizer.encodeOrdinary(golden.text())))
              .toList();

      assertThat(ids).isEqualTo(goldens.stream().map(TokenizerGoldens::ids).toList());
      assertThat(ordinary).isEqualTo(goldens.stream().map(TokenizerGoldens::ordinary).toList());
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldSurviveTextsOfAMillionCharacters(String format) {
    try (Tokenizer tokenizer = open(format)) {
      for (String unit : List.of(" ", "\u0e01")) {
        String text = "x" + unit.repeat(1 << 20) + "x";
        assertThat(tokenizer.encode(text, 0, 0)).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldRefuseTextsThatAreTooLong(String format) {
    try (Tokenizer tokenizer = open(format)) {
      String text = "a".repeat(VocabularyTokenizer.LONGEST_TEXT + 1);
      assertThatThrownBy(() -> tokenizer.encode(text, 0, 0))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContainingAll("2097153 characters", "2097152 is the limit");
      assertThatThrownBy(() -> tokenizer.encodeOrdinary(text))
          .isInstanceOf(InvalidRequestException.class);
    }
  }

  @Test
  void shouldRefuseMoreSpecialTokensThanTheOfficialRunnerTakes() {
    try (Tokenizer tokenizer = open("tiktoken")) {
      assertThatThrownBy(() -> tokenizer.encode("a", 128, 0))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContainingAll("numBos is 128", "0 to 127");
      assertThatThrownBy(() -> tokenizer.encode("a", 0, -1))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("numEos is -1");
    }
  }

  @Test
  void shouldNotGuessSpecialTokensThatNoFileNames(@TempDir Path empty) throws IOException {
    Path file = empty.resolve("tokenizer.json");
    Files.copy(TokenizerGoldens.folder("byte-level").resolve("tokenizer.json"), file);

    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      assertThat(tokenizer.bosId()).isEqualTo(Tokenizer.UNKNOWN);
      assertThat(tokenizer.eosId()).isEqualTo(Tokenizer.UNKNOWN);
      assertThatThrownBy(() -> tokenizer.encode("a", 1, 0))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContainingAll("numBos", "bos_token");
    }
  }

  @Test
  void shouldTakePatternAndSpecialTokensOfATiktokenFileFromTheCaller() {
    TiktokenOptions options =
        new TiktokenOptions("\\p{Han}|\\p{L}+| ", List.of("[A]", "[AB]"), Tokenizer.UNKNOWN, 1);
    try (Tokenizer tokenizer = Tokenizers.load(TokenizerGoldens.folder("tiktoken"), options)) {
      assertThat(tokenizer.vocabSize()).isEqualTo(1502);
      assertThat(tokenizer.bosId()).isEqualTo(Tokenizer.UNKNOWN);
      assertThat(tokenizer.eosId()).isEqualTo(1501);
      assertThat(tokenizer.encode("[AB][A]", 0, 0)).containsExactly(1501, 1500);
      assertThat(decode(tokenizer, "a 1, \u6211b"))
          .as("what the pattern skips")
          .isEqualTo("a  \u6211b");
    }
  }

  @Test
  void shouldRefuseTiktokenOptionsThatContradictThemselves() {
    assertThatThrownBy(() -> new TiktokenOptions("a", List.of("x"), 1, 0))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("bosIndex is 1, but there are 1 special tokens");
    assertThatThrownBy(() -> new TiktokenOptions("a", List.of("x", "x"), 0, 0))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("must be different");
  }

  private static List<Integer> list(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }

  private static String decode(Tokenizer tokenizer, String text) {
    int[] ids = tokenizer.encode(text, 0, 0);
    assertThat(Arrays.stream(ids)).isNotEmpty();
    return TokenizerGoldens.decode(tokenizer, ids);
  }

  private static Tokenizer open(String format) {
    return Tokenizers.load(TokenizerGoldens.folder(format));
  }
}
