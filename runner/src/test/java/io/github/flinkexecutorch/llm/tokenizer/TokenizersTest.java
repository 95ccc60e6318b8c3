package io.github.flinkexecutorch.llm.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against ids of the reference library, made by {@code make.py} among the test resources. */
class TokenizersTest {
  record Golden(
      String text, List<Integer> ids, List<Integer> idsWithSpecialTokens, String decoded) {}

  private static final String BYTE_LEVEL = "byte-level";
  private static final String BYTE_FALLBACK = "byte-fallback";

  @ParameterizedTest
  @ValueSource(strings = {BYTE_LEVEL, BYTE_FALLBACK})
  void shouldEncodeAsTheReferenceLibrary(String name) throws IOException {
    try (Tokenizer tokenizer = Tokenizers.load(folder(name))) {
      for (Golden golden : goldens(name)) {
        assertThat(tokenizer.encode(golden.text, 0, 0))
            .as(golden.text)
            .isEqualTo(array(golden.ids));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {BYTE_LEVEL, BYTE_FALLBACK})
  void shouldDecodePieceByPieceAsTheReferenceLibraryDoesAtOnce(String name) throws IOException {
    try (Tokenizer tokenizer = Tokenizers.load(folder(name))) {
      for (Golden golden : goldens(name)) {
        assertThat(decode(tokenizer, array(golden.ids))).as(golden.text).isEqualTo(golden.decoded);
      }
    }
  }

  @Test
  void shouldAddOneBosWhenTheTokenizerAddsOneItself() throws IOException {
    try (Tokenizer tokenizer = Tokenizers.load(folder(BYTE_FALLBACK))) {
      for (Golden golden : goldens(BYTE_FALLBACK)) {
        assertThat(tokenizer.encode(golden.text, 1, 0))
            .as(golden.text)
            .isEqualTo(array(golden.idsWithSpecialTokens));
      }
    }
  }

  @Test
  void shouldAddAsManySpecialTokensAsAskedFor() {
    try (Tokenizer byItself = Tokenizers.load(folder(BYTE_FALLBACK));
        Tokenizer byUs = Tokenizers.load(folder(BYTE_LEVEL))) {
      for (Tokenizer tokenizer : List.of(byItself, byUs)) {
        assertThat(tokenizer.encode("a", 2, 2)).startsWith(1, 1).endsWith(2, 2);
        assertThat(tokenizer.encode("a", 2, 2)).hasSize(tokenizer.encode("a", 0, 0).length + 4);
        assertThat(tokenizer.encode("a", 0, 1)).doesNotContain(1).endsWith(2);
      }
    }
  }

  @Test
  void shouldKnowItsVocabulary() {
    try (Tokenizer tokenizer = Tokenizers.load(folder(BYTE_LEVEL).resolve("tokenizer.json"))) {
      assertThat(tokenizer.bosId()).isEqualTo(1);
      assertThat(tokenizer.eosId()).isEqualTo(2);
      assertThat(tokenizer.idToPiece(2)).isEqualTo("</s>");
      assertThat(tokenizer.pieceToId("</s>")).isEqualTo(2);
      assertThat(tokenizer.pieceToId("no such piece")).isEqualTo(Tokenizer.UNKNOWN);
      assertThat(tokenizer.idToPiece(tokenizer.vocabSize() - 1)).isNotEmpty();
      assertThatThrownBy(() -> tokenizer.decode(0, tokenizer.vocabSize()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void shouldNotCutLongTexts() {
    try (Tokenizer tokenizer = Tokenizers.load(folder(BYTE_LEVEL))) {
      assertThat(tokenizer.encode("x".repeat(5000), 0, 0)).hasSize(5000);
    }
  }

  @Test
  void shouldReplaceHalfACharacter() {
    try (Tokenizer tokenizer = Tokenizers.load(folder(BYTE_LEVEL))) {
      assertThat(decode(tokenizer, tokenizer.encode("a\ud83d b", 0, 0))).isEqualTo("a\uFFFD b");
    }
  }

  @Test
  void shouldNotGuessSpecialTokensThatNoFileNames(@TempDir Path empty) throws IOException {
    Path file = empty.resolve("tokenizer.json");
    Files.copy(folder(BYTE_LEVEL).resolve("tokenizer.json"), file);

    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      assertThat(tokenizer.bosId()).isEqualTo(Tokenizer.UNKNOWN);
      assertThat(tokenizer.eosId()).isEqualTo(Tokenizer.UNKNOWN);
      assertThatThrownBy(() -> tokenizer.encode("a", 1, 0))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContainingAll("numBos", "bos_token");
    }
  }

  private static String decode(Tokenizer tokenizer, int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int previous = Tokenizer.UNKNOWN;
    for (int id : ids) {
      bytes.writeBytes(tokenizer.decode(previous, id));
      previous = id;
    }
    return bytes.toString(UTF_8);
  }

  private static int[] array(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Golden> goldens(String name) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    try (Stream<String> lines = Files.lines(folder(name).resolve("goldens.jsonl"))) {
      List<String> all = lines.toList();
      assertThat(all).hasSizeGreaterThan(5);
      Golden[] goldens = new Golden[all.size()];
      for (int i = 0; i < goldens.length; i++) {
        goldens[i] = mapper.readValue(all.get(i), Golden.class);
      }
      return List.of(goldens);
    }
  }

  private static Path folder(String name) {
    return Path.of("src/test/resources/tokenizers", name);
  }
}
