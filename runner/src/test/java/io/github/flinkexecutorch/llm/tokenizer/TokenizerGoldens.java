package io.github.flinkexecutorch.llm.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the reference libraries make of the same texts, written by {@code
 * models/flink_executorch_models/tokenizer_goldens}.
 *
 * @param ids of {@code text}
 * @param ordinary ids with spellings of special tokens as plain text
 * @param decoded the reference's text of {@code ids}
 */
record TokenizerGoldens(String text, List<Integer> ids, List<Integer> ordinary, String decoded) {
  private static final Path FOLDER = Path.of("src/test/resources/tokenizers");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Path folder(String format) {
    return FOLDER.resolve(format);
  }

  static List<TokenizerGoldens> of(String format) {
    List<JsonNode> texts = lines(FOLDER.resolve("texts.jsonl"));
    List<JsonNode> goldens = lines(folder(format).resolve("goldens.jsonl"));
    if (texts.size() != goldens.size() || texts.size() < 1000) {
      throw new IllegalStateException(texts.size() + " texts, " + goldens.size() + " goldens");
    }
    return IntStream.range(0, texts.size())
        .mapToObj(i -> golden(texts.get(i).asText(), goldens.get(i)))
        .toList();
  }

  /** As a generation decodes: token by token, of which each knows the one before it. */
  static String decode(Tokenizer tokenizer, int... ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int previous = Tokenizer.UNKNOWN;
    for (int id : ids) {
      bytes.writeBytes(tokenizer.decode(previous, id));
      previous = id;
    }
    return bytes.toString(UTF_8);
  }

  private static TokenizerGoldens golden(String text, JsonNode golden) {
    List<Integer> ids = ids(golden.get("ids"));
    return new TokenizerGoldens(
        text,
        ids,
        golden.has("ordinary") ? ids(golden.get("ordinary")) : ids,
        golden.path("decoded").asText(VocabularyTokenizer.wellFormed(text)));
  }

  private static List<Integer> ids(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(i -> array.get(i).asInt()).toList();
  }

  private static List<JsonNode> lines(Path file) {
    try (var lines = Files.lines(file)) {
      return lines.map(TokenizerGoldens::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return MAPPER.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
