package io.github.flinkexecutorch.llm.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes as a tokenizer, and any text to tokenize. */
class TokenizerFuzzTest {
  private static final String TEXT = "a b ab 12 \u00e9\ud83d\ude00<s>\n\t";

  /** Those whose vocabularies spell every text, so that no unknown token comes of any. */
  private static final List<String> COMPLETE = List.of("byte-level", "tiktoken", "tekken");

  private static List<Tokenizer> tokenizers;

  @TempDir private static Path folder;

  @BeforeAll
  static void load() {
    tokenizers =
        COMPLETE.stream().map(name -> Tokenizers.load(TokenizerGoldens.folder(name))).toList();
  }

  @AfterAll
  static void close() {
    tokenizers.forEach(Tokenizer::close);
  }

  /** The corpus has a tiny one of each format. */
  @FuzzTest
  void shouldOpenOrRefuseAnyFile(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("fuzzed"), content);
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      int[] ids = tokenizer.encode(TEXT, 0, 0);
      TokenizerGoldens.decode(tokenizer, ids);
      TokenizerGoldens.decode(tokenizer, tokenizer.encodeOrdinary(TEXT));
    } catch (InvalidModelException e) {
      assertThat(e).hasMessageContaining("fuzzed");
    } catch (InvalidRequestException e) {
      assertThat(e.reason()).isNotNull();
    }
  }

  /** Of the text of a stranger no special token comes, and its bytes come back. */
  @FuzzTest
  void shouldTokenizeAnyText(byte[] content) {
    String text = text(content);
    BitSet all = new BitSet();
    all.set(0, text.length());
    for (Tokenizer tokenizer : tokenizers) {
      int[] ordinary = tokenizer.encodeOrdinary(text);
      assertThat(Arrays.stream(ordinary)).noneMatch(tokenizer::isSpecial);
      assertThat(tokenizer.encodePrompt(text, all)).isEqualTo(ordinary);
      assertThat(TokenizerGoldens.decode(tokenizer, ordinary))
          .isEqualTo(VocabularyTokenizer.wellFormed(text));
      tokenizer.encode(text, 0, 0);
    }
  }

  /** In UTF-8, or, behind a zero, in the 16 bits of Java, which may be half characters. */
  private static String text(byte[] content) {
    return content.length > 0 && content[0] == 0
        ? ByteBuffer.wrap(content, 1, content.length - 1).asCharBuffer().toString()
        : new String(content, UTF_8);
  }
}
