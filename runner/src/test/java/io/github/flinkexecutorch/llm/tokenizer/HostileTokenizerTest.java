package io.github.flinkexecutorch.llm.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are well-formed enough to harm a library that trusts them. */
@Timeout(60)
class HostileTokenizerTest {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int USER_DEFINED = 4;
  private static final int BYTE = 6;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"(a+)+$", "(a|a)*b$", "((a{1,9}){1,9}){1,9}b"})
  void shouldEndASearchThatWouldTakeForEver(String pattern) {
    TiktokenOptions options = new TiktokenOptions(pattern, List.of(), -1, -1);
    try (Tokenizer tokenizer = Tokenizers.load(TokenizerGoldens.folder("tiktoken"), options)) {
      assertEnds(tokenizer);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a+)+$", "(a|a)*b$", "a*a*a*a*a*b"})
  void shouldKeepSuchASearchFromTheLibrary(String pattern) throws IOException {
    try (Tokenizer tokenizer =
        Tokenizers.load(
            json(
                "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \""
                    + pattern
                    + "\"}, \"behavior\": \"Isolated\", \"invert\": false}"))) {
      assertEnds(tokenizer);
    }
    try (Tokenizer tokenizer =
        Tokenizers.load(
            json(
                "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"Regex\": \""
                    + pattern
                    + "\"}, \"content\": \"b\"}"))) {
      assertEnds(tokenizer);
    }
  }

  /** Java would end it, the library would not. */
  @ParameterizedTest
  @ValueSource(strings = {"(a+)+$", "(?:a*)*c", "(a|a)*b$"})
  void shouldKeepASearchFromTheLibraryThatJavaShortens(String pattern) throws IOException {
    Path file =
        json(
            "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \""
                + pattern
                + "\"}, \"behavior\": \"Isolated\", \"invert\": false}");
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      String text = "a".repeat(60) + "b ";
      assertThatThrownBy(() -> tokenizer.encode(text, 0, 0))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("takes too long");
    }
  }

  @Test
  void shouldSurviveAPatternThatRecursesForEveryCharacter() {
    TiktokenOptions options = new TiktokenOptions("(?:a|b)+", List.of(), -1, -1);
    try (Tokenizer tokenizer = Tokenizers.load(TokenizerGoldens.folder("tiktoken"), options)) {
      assertThat(tokenizer.encodeOrdinary("ab")).isNotEmpty();
      String text = "ab".repeat(500_000);
      assertThatThrownBy(() -> tokenizer.encodeOrdinary(text))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("takes too long");
    }
  }

  @Test
  void shouldRefuseANormalizerThatBlowsTextsUp() throws IOException {
    Path file =
        json(
            "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \""
                + "b".repeat(65)
                + "\"}");
    assertUnusable(file, "more than 64 times as long");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[],", "{},", "1,", "\"\","})
  void shouldRefuseMorePartsThanMemoryCanHold(String part) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    String many = part.repeat(TokenizerFile.LARGEST / 2 / part.length());
    Files.writeString(file, "{\"model\": {\"vocab\": [" + many + "1]}}");
    assertUnusable(file, "it has more than 1200000 arrays, objects or fields, or 6000000 parts");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | -1 | 0 | say that their trie has -1 bytes",
        "0 | 1000 | 0 | say that their trie has 1000 bytes",
        "0 | 1048576 | 0 | say that their trie has 1048576 bytes",
        "4 | -1024 | 0 | lead out of their trie",
        "0 | 1024 | 97 | end inside a replacement",
      })
  void shouldRefuseNormalizationRulesThatLeadNowhere(int place, int value, byte last, String why)
      throws IOException {
    byte[] rules = new byte[4 + 1024 + 2];
    ByteBuffer.wrap(rules).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 1024).putInt(place, value);
    rules[rules.length - 1] = last;

    assertUnusable(sentencePiece(rules, piece("<unk>", UNKNOWN), piece("a", NORMAL)), why);
    assertUnusable(
        json(
            "\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \""
                + Base64.getEncoder().encodeToString(rules)
                + "\"}"),
        why);
  }

  @Test
  void shouldRefuseNormalizationRulesThatNameAMissingReplacement() throws IOException {
    // The root's child by 'a' is a leaf whose value lies beyond the two bytes of replacements.
    byte[] rules = new byte[4 + 1024 + 2];
    Arrays.fill(rules, 4, 4 + 1024, (byte) 0xff);
    ByteBuffer trie = ByteBuffer.wrap(rules).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 1024);
    trie.putInt(4, 1 << 10);
    trie.putInt(4 + 4 * (1 ^ 'a'), 2 << 10 | 1 << 8 | 'a');
    trie.putInt(4 + 4 * (1 ^ 'a' ^ 2), 1 << 31 | 5000);

    assertUnusable(
        sentencePiece(rules, piece("<unk>", UNKNOWN), piece("a", NORMAL)),
        "name a replacement that is not there");
  }

  @Test
  void shouldAcceptTheRulesThatSentencePieceItselfWrites() {
    try (Tokenizer tokenizer = Tokenizers.load(TokenizerGoldens.folder("sentencepiece-unigram"))) {
      assertThat(tokenizer.encode("\uFB01", 0, 0)).isEqualTo(tokenizer.encode("fi", 0, 0));
    }
  }

  @Test
  void shouldRefuseModelsThatTheLibraryWouldDieOf() throws IOException {
    byte[] unknown = piece("<unk>", UNKNOWN);
    byte[] a = piece("a", NORMAL);
    byte[] none = {};
    assertUnusable(sentencePiece(none, a), "0 pieces of the type UNKNOWN instead of 1");
    assertUnusable(sentencePiece(none, unknown), "no normal pieces");
    assertUnusable(sentencePiece(none, unknown, a, a), "a piece twice");
    assertUnusable(sentencePiece(none, unknown, a, piece("a\0b", NORMAL)), "zero byte");
    assertUnusable(sentencePiece(none, unknown, a, piece("", NORMAL)), "its piece 2 is empty");
    assertUnusable(
        sentencePiece(none, unknown, a, piece("<0x41>", BYTE)), "1 pieces of the type BYTE");
    assertUnusable(sentencePiece(none, unknown, a, piece("x", 9)), "unknown type 9");
    byte[] noScore = new ProtobufWriter().bytes(1, new byte[] {'b'}).float32(2, Float.NaN).bytes();
    assertUnusable(sentencePiece(none, unknown, a, noScore), "has the score NaN");
    byte[] notText = new ProtobufWriter().bytes(1, new byte[] {(byte) 0xff}).bytes();
    assertUnusable(sentencePiece(none, unknown, a, notText), "not UTF-8");
    byte[][] nested =
        IntStream.rangeClosed(1, 65)
            .mapToObj(i -> piece("\u2581".repeat(i), USER_DEFINED))
            .toArray(byte[][]::new);
    byte[][] pieces = Arrays.copyOf(nested, 67);
    pieces[65] = unknown;
    pieces[66] = a;
    assertUnusable(sentencePiece(none, pieces), "more than 64 user-defined symbols");
  }

  @Test
  void shouldTakeUserDefinedSymbolsAsDeeplyNestedAsTheLibraryDoes() throws IOException {
    byte[][] pieces =
        IntStream.rangeClosed(-1, 64)
            .mapToObj(
                i ->
                    i == -1
                        ? piece("<unk>", UNKNOWN)
                        : i == 0 ? piece("a", NORMAL) : piece("=".repeat(i), USER_DEFINED))
            .toArray(byte[][]::new);
    try (Tokenizer tokenizer = Tokenizers.load(sentencePiece(new byte[0], pieces))) {
      assertThat(tokenizer.encode("a" + "=".repeat(70), 0, 0)).contains(65, 7);
      assertThat(tokenizer.encodeOrdinary("a" + "=".repeat(70))).doesNotContain(65, 7);
    }
  }

  @Test
  void shouldRefuseFieldsThatClaimMoreThanThereIs() throws IOException {
    byte[] claim = {10, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7, 10, 1, 'a'};
    assertUnusable(Files.write(folder.resolve("x.model"), claim), "its protobuf ends too early");
    byte[] endless = new byte[40];
    Arrays.fill(endless, (byte) 0x80);
    assertUnusable(
        Files.write(folder.resolve("x.model"), endless), "a number of more than 10 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 2147483647 | its header says that it has 2147483647 pieces",
        "0 | -1 | its header says that it has -1 pieces",
        "0 | 259 | bytes follow its last piece",
        "4 | 70000 | names special tokens that it does not have",
        "12 | 1 | its piece 0 has 5 bytes, of 1 at most",
        "20 | -5 | its piece 0 has -5 bytes",
        "20 | 2000000000 | its piece 0 has 2000000000 bytes",
        "16 | 2143289344 | its piece 0 has no score",
      })
  void shouldRefuseLiesOfALlama2cHeader(int place, int value, String why) throws IOException {
    Path source = TokenizerGoldens.folder("llama2c").resolve("tokenizer.bin");
    byte[] content = Files.readAllBytes(source);
    ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(place, value);

    assertUnusable(Files.write(folder.resolve("tokenizer.bin"), content), why);
  }

  private static void assertEnds(Tokenizer tokenizer) {
    String text = "a".repeat(4000) + "c";
    assertThatThrownBy(() -> tokenizer.encode(text, 0, 0))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContainingAll("takes too long", "4001 characters")
        .hasMessageNotContaining("aaa");
  }

  private Path json(String rule) throws IOException {
    return Files.writeString(
        folder.resolve("tokenizer.json"),
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1}, \"merges\": []}, "
            + "\"decoder\": {\"type\": \"Fuse\"}, "
            + rule
            + "}");
  }

  private Path sentencePiece(byte[] rules, byte[]... pieces) throws IOException {
    ProtobufWriter model = new ProtobufWriter();
    for (byte[] piece : pieces) {
      model.bytes(1, piece);
    }
    model.message(3, new ProtobufWriter().bytes(2, rules));
    return Files.write(folder.resolve("tokenizer.model"), model.bytes());
  }

  private static byte[] piece(String text, int type) {
    return new ProtobufWriter().bytes(1, text.getBytes(UTF_8)).int32(3, type).bytes();
  }

  private static void assertUnusable(Path path, String why) {
    assertThatThrownBy(() -> Tokenizers.load(path))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(why);
  }
}
