package io.github.flinkexecutorch.llm.tokenizer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnusableTokenizerTest {
  @TempDir Path folder;

  @Test
  void shouldSayWhenThereIsNoSuchFile() {
    assertUnusable(folder.resolve("absent.json"), "absent.json", "does not exist");
    assertUnusable(folder, folder.toString(), "tokenizer.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                        | not valid JSON",
        "{\"model\": {\"vocab\": {\"a\": 0         | not valid JSON",
        "IQ== 0                                    | not valid JSON",
        "[1, 2]                                    | not valid JSON",
        "{}                                        | no model with a vocabulary",
        "{\"model\": {\"type\": \"BPE\"}}          | no model with a vocabulary",
        "{\"model\": {\"vocab\": {\"a\": -5}}, \"decoder\": {\"type\": \"Fuse\"}} | the id -5",
        "{\"model\": {\"vocab\": {\"a\": \"x\"}}, \"decoder\": {\"type\": \"Fuse\"}} | the id -1",
        "{\"model\": {\"vocab\": {\"a\": 0}}}      | names no decoder",
        "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"WordPiece\"}} | decoder WordPiece",
        "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"Fuse\"}} | the library refuses it",
      })
  void shouldSayWhyAFileIsNoHuggingFaceTokenizer(String content, String why) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), content == null ? "" : content);

    assertUnusable(folder, file.toString(), "tried as a Hugging Face tokenizer.json", why);
  }

  @Test
  void shouldRefuseASentencePieceFile() throws IOException {
    Path file = Files.write(folder.resolve("tokenizer.model"), new byte[] {10, 14, 10, 5, 60, 117});

    assertUnusable(file, "tokenizer.model", "not valid JSON", "SentencePiece");
  }

  @Test
  void shouldRefuseSpecialTokensOutsideTheVocabulary() throws IOException {
    Path source = Path.of("src/test/resources/tokenizers/byte-level/tokenizer.json");
    Files.copy(source, folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("special_tokens_map.json"), "{\"eos_token\": \"<end>\"}");

    assertUnusable(folder, "special_tokens_map.json", "eos_token <end>", "lacks");
  }

  private static void assertUnusable(Path path, String... parts) {
    assertThatThrownBy(() -> Tokenizers.load(path))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContainingAll(parts);
  }
}
