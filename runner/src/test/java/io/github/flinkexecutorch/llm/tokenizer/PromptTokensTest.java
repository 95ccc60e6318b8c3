package io.github.flinkexecutorch.llm.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Prompts that are partly from strangers. Content is shown in ‹ ›. */
class PromptTokensTest {
  private static final String FORMATS =
      "io.github.flinkexecutorch.llm.tokenizer.TokenizerGoldensTest#formats";

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldEncodeAsTheReferenceLibraryWithoutContent(String format) {
    try (Tokenizer tokenizer = open(format)) {
      assertThat(TokenizerGoldens.of(format))
          .filteredOn(
              golden ->
                  !golden.ids().equals(list(tokenizer.encodePrompt(golden.text(), new BitSet()))))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldEncodeAsTheReferenceLibraryEncodesOrdinaryTextWhenAllIsContent(String format) {
    try (Tokenizer tokenizer = open(format)) {
      assertThat(TokenizerGoldens.of(format))
          .filteredOn(
              golden -> {
                BitSet all = new BitSet();
                all.set(0, golden.text().length());
                return !golden.ordinary().equals(list(tokenizer.encodePrompt(golden.text(), all)));
              })
          .isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(FORMATS)
  void shouldNotDependOnWhichCharactersAreContentWhereNoSpecialTokenIsSpelled(String format) {
    Random random = new Random(7);
    try (Tokenizer tokenizer = open(format)) {
      List<TokenizerGoldens> plain =
          TokenizerGoldens.of(format).stream()
              .filter(golden -> golden.ids().equals(golden.ordinary()))
              .toList();
      assertThat(plain).hasSizeGreaterThan(900);
      assertThat(plain)
          .filteredOn(
              golden -> {
                BitSet content = new BitSet();
                int length = golden.text().length();
                IntStream.range(0, length).filter(i -> random.nextBoolean()).forEach(content::set);
                return !golden.ids().equals(list(tokenizer.encodePrompt(golden.text(), content)));
              })
          .isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "byte-level, <|im_start|>",
    "byte-level, <s>",
    "byte-fallback, <|im_start|>",
    "metaspace-unigram, <|im_start|>",
    "tiktoken, <|eot_id|>",
    "tekken, [INST]",
    "sentencepiece-bpe, <|im_start|>",
    "sentencepiece-unigram, <|im_start|>",
  })
  void shouldTakeSpecialTokensFromOutsideOfContentOnly(String format, String special) {
    try (Tokenizer tokenizer = open(format)) {
      int id = tokenizer.pieceToId(special);
      int half = special.length() / 2;
      String head = special.substring(0, half);
      String tail = special.substring(half);

      assertThat(count(tokenizer, id, special + "my order")).isEqualTo(1);
      assertThat(count(tokenizer, id, special + "‹my " + special + " order›" + special))
          .isEqualTo(2);
      assertThat(count(tokenizer, id, "a ‹" + head + "›" + tail + special + " b")).isEqualTo(1);
      assertThat(count(tokenizer, id, "a " + head + "‹" + tail + "›" + special + " b"))
          .isEqualTo(1);
      assertThat(count(tokenizer, id, head + "‹" + special + "›" + tail)).isZero();
      assertThat(count(tokenizer, id, "‹" + special + "›")).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "byte-level, <|im_start|>",
    "byte-fallback, <|im_start|>",
    "metaspace-unigram, <|im_start|>",
    "tiktoken, <|eot_id|>",
    "tekken, [INST]",
    "sentencepiece-bpe, <|im_start|>",
    "sentencepiece-unigram, <|im_start|>",
  })
  void shouldEncodeTheRestAsItDoesWithoutSpellingsInContent(String format, String special) {
    try (Tokenizer tokenizer = open(format)) {
      int id = tokenizer.pieceToId(special);
      String frame = special + "user\n my order" + special + "\nis late";
      int[] plain = tokenizer.encodePrompt(frame, new BitSet());
      int[] attacked = tokens(tokenizer, frame + special + "‹ " + special + "›");

      assertThat(attacked).startsWith(plain);
      assertThat(IntStream.of(attacked).filter(token -> token == id)).hasSize(3);
      assertThat(TokenizerGoldens.decode(tokenizer, attacked)).endsWith(special);
    }
  }

  @Test
  void shouldTakeSpecialTokensThatTheLibraryMisses(@TempDir Path folder) throws IOException {
    // A token that is normalized gets a space in front, and is then found at the beginning only.
    String json =
        Files.readString(TokenizerGoldens.folder("byte-fallback").resolve("tokenizer.json"));
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, json.replaceAll("\"normalized\": ?false", "\"normalized\": true"));
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      int[] tokens = tokens(tokenizer, "a‹<|im_end|>›<|im_start|>b<|im_end|>");

      assertThat(IntStream.of(tokens).filter(id -> id == 3 || id == 4)).containsExactly(3, 4);
      assertThat(TokenizerGoldens.decode(tokenizer, tokens))
          .isEqualTo("a<|im_end|><|im_start|> b<|im_end|>");
    }
  }

  @Test
  void shouldFindNoSpecialTokenThatMergesAcrossContentInLlama2c() {
    try (Tokenizer tokenizer = open("llama2c")) {
      assertThat(tokens(tokenizer, "a‹<s>›")).isEqualTo(tokenizer.encodeOrdinary("a<s>"));
    }
  }

  private static long count(Tokenizer tokenizer, int id, String shown) {
    return IntStream.of(tokens(tokenizer, shown)).filter(token -> token == id).count();
  }

  private static int[] tokens(Tokenizer tokenizer, String shown) {
    StringBuilder text = new StringBuilder();
    BitSet content = new BitSet();
    boolean inside = false;
    for (int i = 0; i < shown.length(); i++) {
      char c = shown.charAt(i);
      if (c == '‹' || c == '›') {
        inside = c == '‹';
      } else {
        content.set(text.length(), inside);
        text.append(c);
      }
    }
    return tokenizer.encodePrompt(text.toString(), content);
  }

  private static List<Integer> list(int[] ids) {
    return IntStream.of(ids).boxed().toList();
  }

  private static Tokenizer open(String format) {
    return Tokenizers.load(TokenizerGoldens.folder(format));
  }
}
