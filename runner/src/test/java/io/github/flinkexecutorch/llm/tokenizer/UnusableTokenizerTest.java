package io.github.flinkexecutorch.llm.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnusableTokenizerTest {
  private static final String[] FORMATS = {
    "As tekken.json: ",
    "As Hugging Face tokenizer.json: ",
    "As tiktoken: ",
    "As SentencePiece: ",
    "As llama2.c: "
  };

  @TempDir Path folder;

  @Test
  void shouldSayWhenThereIsNoSuchFile() {
    assertUnusable(folder.resolve("absent.json"), "absent.json", "does not exist");
    assertUnusable(
        folder, folder.toString(), "tokenizer.json, tekken.json, tokenizer.model, tokenizer.bin");
  }

  @Test
  void shouldSayWhenTheFileIsTooLong() throws IOException {
    Path file = folder.resolve("tokenizer.json");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(TokenizerFile.LARGEST + 1L);
    }
    assertUnusable(folder, file.toString(), "longer than 67108864 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "byte-level, tokenizer.json",
    "byte-fallback, tokenizer.json",
    "metaspace-unigram, tokenizer.json",
    "tiktoken, tokenizer.model",
    "tekken, tekken.json",
    "sentencepiece-bpe, tokenizer.model",
    "sentencepiece-unigram, tokenizer.model",
    "llama2c, tokenizer.bin",
  })
  void shouldGoByTheContentWhateverTheName(String format, String name) throws IOException {
    byte[] content = Files.readAllBytes(TokenizerGoldens.folder(format).resolve(name));
    int[] expected;
    try (Tokenizer tokenizer = Tokenizers.load(TokenizerGoldens.folder(format))) {
      expected = tokenizer.encode("My order, \u6211", 0, 0);
    }
    for (String other : List.of("tokenizer.json", "tekken.json", "tokenizer.model", "a.bin")) {
      Path file = Files.write(folder.resolve(other), content);
      try (Tokenizer tokenizer = Tokenizers.load(file)) {
        assertThat(tokenizer.encode("My order, \u6211", 0, 0)).as(other).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "byte-level, tokenizer.json, As Hugging Face tokenizer.json: it is not valid JSON",
    "metaspace-unigram, tokenizer.json, As Hugging Face tokenizer.json: it is not valid JSON",
    "tekken, tekken.json, As tekken.json: it is not valid JSON",
    "sentencepiece-bpe, tokenizer.model, As SentencePiece: its protobuf ends too early",
    "sentencepiece-unigram, tokenizer.model, As SentencePiece: its protobuf ends too early",
    "llama2c, tokenizer.bin, As llama2.c: it",
  })
  void shouldSayWhyEachFormatRefusesAFileThatIsCut(String format, String name, String why)
      throws IOException {
    byte[] content = Files.readAllBytes(TokenizerGoldens.folder(format).resolve(name));
    Path file =
        Files.write(folder.resolve(name), Arrays.copyOf(content, content.length * 2 / 3 + 1));

    assertUnusable(file, FORMATS);
    assertUnusable(file, file.toString(), "of no format that can be read", why);
  }

  @Test
  void shouldSayWhyEachFormatRefusesAnEmptyFile() throws IOException {
    Path file = Files.write(folder.resolve("tokenizer.model"), new byte[0]);

    assertUnusable(file, FORMATS);
    assertUnusable(
        file,
        "As tekken.json: it is not a JSON object",
        "As Hugging Face tokenizer.json: it is not a JSON object",
        "As tiktoken: it has no line with base64 and a rank",
        "As SentencePiece: its protobuf has no pieces",
        "As llama2.c: it has fewer than 16 bytes");
  }

  @Test
  void shouldRefuseAFileOfAnotherKind() throws IOException {
    Path file = Files.write(folder.resolve("tokenizer.bin"), new byte[] {'P', 'K', 3, 4, 20, 0});

    assertUnusable(folder, FORMATS);
    assertUnusable(file, "As tiktoken: line 1 is not base64, a space and a rank");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model\": {\"vocab\": {\"a\": 0         | not valid JSON",
        "[1, 2]                                    | not a JSON object",
        "{} {}                                     | something follows",
        "{}                                        | no model with a vocabulary",
        "{\"model\": {\"type\": \"BPE\"}}          | no model with a vocabulary",
        "{\"model\": {\"vocab\": 5}}               | no model with a vocabulary",
        "{\"model\": {\"vocab\": {}, \"dropout\": 0.5}} | left to chance",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {}, \"continuing_subword_prefix\": \"##\"}} | have a prefix",
        "{\"model\": {\"vocab\": {\"a\": -5}}, \"decoder\": {\"type\": \"Fuse\"}} | the id -5",
        "{\"model\": {\"vocab\": {\"a\": \"x\"}}, \"decoder\": {\"type\": \"Fuse\"}} | the id -1",
        "{\"model\": {\"vocab\": {\"a\": 2000000}}, \"decoder\": {\"type\": \"Fuse\"}} | the id 2000000",
        "{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{\"id\": 7, \"content\": \"b\"}]} | id 7 instead of 1",
        "{\"model\": {\"vocab\": {\"a\": 0}}}      | names no decoder",
        "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"WordPiece\"}} | decoder WordPiece",
        "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"Fuse\"}} | the library refuses it",
      })
  void shouldSayWhyAFileIsNoHuggingFaceTokenizer(String content, String why) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), content);

    assertUnusable(folder, file.toString(), "As Hugging Face tokenizer.json: ", why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "IQ== 0                | no token for the byte 0",
        "IQ== 1                | no line has the rank 0",
        "IQ== 0;Ig== 0         | line 2 repeats the rank 0",
        "IQ== 0;IQ== 1         | the token of rank 1 is there twice",
        "IQ== 99999999         | line 1 is not base64, a space and a rank",
        "IQ== 0;I!= 1          | line 2 is not base64, a space and a rank",
        "IQ==                  | line 1 is not base64, a space and a rank",
      })
  void shouldSayWhyAFileIsNoTiktokenFile(String lines, String why) throws IOException {
    Path file = Files.writeString(folder.resolve("x.tiktoken"), lines.replace(';', '\n'));

    assertUnusable(file, "As tiktoken: ", why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"pattern\":\"| \"pattern\":\"( | its pattern is refused",
        "\"default_vocab_size\":2450 | \"default_vocab_size\":-1 | does not fit",
        "\"default_vocab_size\":2450 | \"default_vocab_size\":9999 | its vocab has 1500 tokens",
        "\"default_vocab_size\":2450 | \"default_vocab_size\":2147483647 | does not fit",
        "\"rank\":7,\"token_bytes\" | \"rank\":8,\"token_bytes\" | out of order at rank 7",
        "\"token_bytes\":\"AQ==\" | \"token_bytes\":\"A\" | the token of rank 1 is not base64",
        "\"token_bytes\":\"AQ==\" | \"token_bytes\":\"AA==\" | the token of rank 1 is there twice",
        "\"token_str\":\"</s>\" | \"token_str\":\"<e>\" | have no <s> or no </s>",
        "\"token_str\":\"</s>\" | \"token_str\":\"<s>\" | twice",
        "\"rank\":3,\"token_str\" | \"rank\":1000,\"token_str\" | no rank below 1000",
      })
  void shouldSayWhyAFileIsNoTekkenJson(String part, String instead, String why) throws IOException {
    String content = Files.readString(TokenizerGoldens.folder("tekken").resolve("tekken.json"));
    assertThat(content).contains(part);
    Path file = Files.writeString(folder.resolve("tekken.json"), content.replace(part, instead));

    assertUnusable(file, "As tekken.json: ", why);
  }

  @Test
  void shouldRefuseSpecialTokensOutsideTheVocabulary() throws IOException {
    Files.copy(
        TokenizerGoldens.folder("byte-level").resolve("tokenizer.json"),
        folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("special_tokens_map.json"), "{\"eos_token\": \"<end>\"}");

    assertUnusable(folder, "special_tokens_map.json", "eos_token <end>", "lacks");
  }

  @Test
  void shouldNameTheFileBesideTheTokenizerThatIsNoJson() throws IOException {
    Files.copy(
        TokenizerGoldens.folder("byte-level").resolve("tokenizer.json"),
        folder.resolve("tokenizer.json"));
    Path config = Files.writeString(folder.resolve("tokenizer_config.json"), "{\"bos_token\": ");

    assertUnusable(folder, config + " cannot be used: it is not valid JSON");
  }

  private static void assertUnusable(Path path, String... parts) {
    assertThatThrownBy(() -> Tokenizers.load(path))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContainingAll(parts);
  }
}
