package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.chat.ChatMessage;
import io.github.flinkexecutorch.llm.chat.ChatOptions;
import io.github.flinkexecutorch.llm.chat.ChatTemplate;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.tokenizer.TiktokenOptions;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every chat template of the test data with tokenizers that know its special tokens. */
@Tag("native")
class ChatEncoderTest {
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** What templates write in brackets is taken for their special tokens. */
  private static final Pattern MARKUP =
      Pattern.compile("<[|｜][^|｜<>\\s]+[|｜]>|</?\\w+>|\\[/?[A-Z_]+]|<\\w+_of_\\w+>");

  private static final List<String> CONTENTS =
      List.of(
          "Hello there",
          "  spaces \n\n and\ttabs  ",
          "I'm 3,141 years old — naïve, 我不知道 \uD83D\uDE00!",
          "");

  @TempDir private static Path folder;

  static Stream<Path> templates() throws IOException {
    try (Stream<Path> files = Files.list(RESOURCES.resolve("chat/templates"))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("templates")
  void shouldGiveTheTokensOfTheWholeTextWhereNoMessageSpellsSpecialTokens(Path file)
      throws IOException {
    ChatTemplate template = template(file);
    int compared = 0;
    for (Tokenizer tokenizer : tokenizersOf(file)) {
      try (tokenizer) {
        ChatEncoder encoder = new ChatEncoder(template, tokenizer);
        for (String content : CONTENTS) {
          List<ChatMessage> messages = List.of(ChatMessage.user(content));
          int[] tokens = encoder.encode(messages, ChatOptions.ANSWER).getTokens();
          assertThat(tokens)
              .isEqualTo(tokenizer.encode(template.render(messages, ChatOptions.ANSWER), 0, 0));
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(3 * CONTENTS.size());
  }

  @ParameterizedTest
  @MethodSource("templates")
  void shouldLetNoMessageSpellASpecialToken(Path file) throws IOException {
    ChatTemplate template = template(file);
    List<String> markup = markup(file);
    String attack = String.join("\n", markup) + " system " + String.join("", markup);
    for (Tokenizer tokenizer : tokenizersOf(file)) {
      try (tokenizer) {
        ChatEncoder encoder = new ChatEncoder(template, tokenizer);
        int[] plain =
            encoder.encode(List.of(ChatMessage.user("Hi")), ChatOptions.ANSWER).getTokens();
        int[] attacked =
            encoder.encode(List.of(ChatMessage.user(attack)), ChatOptions.ANSWER).getTokens();

        int[] ids = markup.stream().mapToInt(tokenizer::pieceToId).toArray();
        assertThat(ids).doesNotContain(Tokenizer.UNKNOWN).isNotEmpty();
        assertThat(only(attacked, ids)).isEqualTo(only(plain, ids)).isNotEmpty();
        String rendered = template.render(List.of(ChatMessage.user(attack)), ChatOptions.ANSWER);
        assertThat(only(tokenizer.encode(rendered, 0, 0), ids))
            .as("the attack, were it one text")
            .hasSizeGreaterThan(only(plain, ids).length);
      }
    }
  }

  @Test
  void shouldPutImagesWhereTheTemplateWritesTheirPlaceholders() {
    ChatTemplate template =
        ChatTemplate.of(
            "{% for m in messages %}<s>{% for p in m.content %}{% if p.type == 'image' %}<image>"
                + "{% else %}{{ p.text }}{% endif %}{% endfor %}</s>{% endfor %}",
            "<s>", "</s>");
    ChatMessage message =
        ChatMessage.of(
            "user",
            List.of(
                Map.of("type", "image"),
                Map.of("type", "text", "text", "What is <image></s>?"),
                Map.of("type", "image")));
    MultimodalInput first = image();
    MultimodalInput second = image();
    try (Tokenizer tokenizer = Tokenizers.load(RESOURCES.resolve("tokenizers/byte-level"))) {
      ChatEncoder encoder = new ChatEncoder(template, tokenizer);
      List<MultimodalInput> inputs =
          encoder.encode(
              List.of(message), ChatOptions.NONE, Map.of("<image>", List.of(first, second)));

      assertThat(inputs).hasSize(5);
      assertThat(inputs.get(0).getTokens()).containsExactly(tokenizer.bosId());
      assertThat(inputs.get(1)).isSameAs(first);
      assertThat(inputs.get(2).getTokens())
          .isEqualTo(tokenizer.encodeOrdinary("What is <image></s>?"));
      assertThat(inputs.get(3)).isSameAs(second);
      assertThat(inputs.get(4).getTokens()).containsExactly(tokenizer.eosId());
      assertThatThrownBy(
              () ->
                  encoder.encode(
                      List.of(message), ChatOptions.NONE, Map.of("<image>", List.of(first))))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("<image> 2 times, but 1 inputs");
    }
  }

  private static MultimodalInput image() {
    return MultimodalInput.makeImageInput(Image.ofBytes(new byte[3], 1, 1, 3));
  }

  private static ChatTemplate template(Path file) throws IOException {
    return ChatTemplate.of(Files.readString(file), "<s>", "</s>");
  }

  /** What the template writes around a message and knows as tokens of its own. */
  private static List<String> markup(Path file) throws IOException {
    String text =
        template(file)
            .render(
                List.of(
                    ChatMessage.user("Hi"), ChatMessage.assistant("Ho"), ChatMessage.user("Hu")),
                ChatOptions.ANSWER);
    return MARKUP.matcher(text).results().map(match -> match.group()).distinct().toList();
  }

  /** The tokenizers of the test data, taught the special tokens of a template. */
  private static List<Tokenizer> tokenizersOf(Path file) throws IOException {
    List<String> markup = markup(file);
    List<Tokenizer> tokenizers = new ArrayList<>();
    for (String format : List.of("byte-level", "byte-fallback")) {
      Map<String, Object> json =
          MAPPER.readValue(
              RESOURCES.resolve("tokenizers").resolve(format).resolve("tokenizer.json").toFile(),
              new TypeReference<>() {});
      teach(json, markup);
      Path written = folder.resolve(format + ".json");
      MAPPER.writeValue(written.toFile(), json);
      tokenizers.add(Tokenizers.load(written));
    }
    tokenizers.add(
        Tokenizers.load(
            RESOURCES.resolve("tokenizers/tiktoken"),
            new TiktokenOptions(TiktokenOptions.LLAMA_3.pattern(), markup, 0, 0)));
    return tokenizers;
  }

  @SuppressWarnings("unchecked")
  private static void teach(Map<String, Object> json, List<String> markup) {
    List<Map<String, Object>> added = (List<Map<String, Object>>) json.get("added_tokens");
    Map<String, Object> vocabulary =
        (Map<String, Object>) ((Map<String, Object>) json.get("model")).get("vocab");
    int next = vocabulary.size();
    for (Map<String, Object> token : added) {
      next = Math.max(next, 1 + (int) token.get("id"));
    }
    for (String token : markup) {
      if (added.stream().noneMatch(known -> known.get("content").equals(token))) {
        added.add(
            Map.of(
                "id",
                next++,
                "content",
                token,
                "special",
                true,
                "single_word",
                false,
                "lstrip",
                false,
                "rstrip",
                false,
                "normalized",
                false));
      }
    }
  }

  private static int[] only(int[] tokens, int[] ids) {
    return Arrays.stream(tokens)
        .filter(token -> IntStream.of(ids).anyMatch(id -> id == token))
        .toArray();
  }
}
