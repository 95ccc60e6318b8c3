package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a prompt becomes a special token, by who wrote it. */
class PromptEncoderTest {
  private static final Path FORMATS = Path.of("src/test/resources/tokenizers");
  private static final String HEAD = "Ticket: ";
  private static final String FIELD = "Grüße, my  order is late 👋";
  private static final String TAIL = "\nAnswer:";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "byte-fallback",
        "byte-level",
        "llama2c",
        "metaspace-unigram",
        "sentencepiece-bpe",
        "sentencepiece-unigram",
        "tekken",
        "tiktoken"
      })
  void shouldEncodeAsBeforeWhereNobodySpellsASpecialToken(String format) {
    try (Tokenizer tokenizer = Tokenizers.load(FORMATS.resolve(format))) {
      PromptEncoder encoder = encoder(tokenizer);
      for (int bos = 0; bos <= (tokenizer.bosId() == Tokenizer.UNKNOWN ? 0 : 2); bos++) {
        for (int eos = 0; eos <= (tokenizer.eosId() == Tokenizer.UNKNOWN ? 0 : 2); eos++) {
          assertThat(encoder.encode(filled(HEAD, FIELD, TAIL), bos, eos))
              .isEqualTo(tokenizer.encode(HEAD + FIELD + TAIL, bos, eos));
        }
      }
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
  void shouldTakeSpecialTokensFromTheFormAlone(String format, String special) {
    try (Tokenizer tokenizer = Tokenizers.load(FORMATS.resolve(format))) {
      PromptEncoder encoder = encoder(tokenizer);
      int id = tokenizer.pieceToId(special);
      String half = special.substring(0, 3);
      MultimodalInput prompt =
          filled(special + half, special.substring(3) + FIELD + special, special + TAIL);

      assertThat(Arrays.stream(encoder.encode(prompt, 0, 0)).filter(token -> token == id))
          .hasSize(2);
      MultimodalInput trusted =
          MultimodalInput.makeTextInput(prompt.promptText().withSpecialTokens());
      assertThat(encoder.encode(trusted, 0, 0)).isEqualTo(tokenizer.encode(prompt.getText(), 0, 0));
      assertThat(Arrays.stream(encoder.encode(trusted, 0, 0)).filter(token -> token == id))
          .hasSize(4);
      assertThat(prompt.getTextMarks()).isNotEqualTo(trusted.getTextMarks());
    }
  }

  private static PromptEncoder encoder(Tokenizer tokenizer) {
    return new PromptEncoder(tokenizer, Tokenizer.UNKNOWN, Compatibility.FIXED);
  }

  private static MultimodalInput filled(String head, String field, String tail) {
    BitSet brought = new BitSet();
    brought.set(head.length(), head.length() + field.length());
    return MultimodalInput.makeTextInput(PromptText.filled(head + field + tail, brought));
  }
}
