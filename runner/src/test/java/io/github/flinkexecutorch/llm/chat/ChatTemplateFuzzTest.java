package io.github.flinkexecutorch.llm.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as a template, as its file, and any JSON as the conversation that it renders. */
class ChatTemplateFuzzTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final ChatLimits LIMITS =
      new ChatLimits(1 << 16, 1 << 16, 1L << 22, 100_000, 100, Duration.ofMinutes(1));
  private static final List<ChatMessage> CONVERSATION =
      List.of(
          ChatMessage.system("Be brief."),
          ChatMessage.user("Hello"),
          ChatMessage.assistant("Hi"),
          ChatMessage.user("And <|eot_id|> you?"));
  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

  @TempDir private static Path folder;

  static Stream<Arguments> templates() {
    return Seeds.in("chat/templates", ".*\\.jinja");
  }

  static Stream<Arguments> configurations() {
    return Seeds.in("hostile", "tokenizer_config\\.json");
  }

  @MethodSource("templates")
  @FuzzTest
  void shouldRenderOrRefuseAnyTemplate(byte[] source) {
    try {
      ChatTemplate template = ChatTemplate.of(new String(source, UTF_8), TOKENS, LIMITS);
      render(template, CONVERSATION, ChatOptions.ANSWER);
    } catch (InvalidModelException e) {
      assertThat(e).hasMessageStartingWith("The chat template ");
    }
  }

  @MethodSource("configurations")
  @FuzzTest
  void shouldReadOrRefuseAnyConfiguration(byte[] content) throws IOException {
    Files.write(folder.resolve("tokenizer_config.json"), content);
    try {
      render(ChatTemplate.load(folder, LIMITS), CONVERSATION, ChatOptions.ANSWER);
    } catch (InvalidModelException e) {
      assertThat(e).hasMessageContaining("chat template ");
    }
  }

  @FuzzTest
  void shouldRenderOrRefuseAnyConversation(byte[] json) throws IOException {
    List<Map<String, Object>> messages;
    try {
      messages = MAPPER.readValue(json, new TypeReference<List<Map<String, Object>>>() {});
    } catch (IOException e) {
      return; // what is no list of objects cannot be passed to a template
    }
    if (messages == null || messages.contains(null)) {
      return;
    }
    List<ChatMessage> conversation = messages.stream().map(ChatMessage::new).toList();
    for (String name : List.of("llama31.jinja", "mistral.jinja", "qwen3.jinja")) {
      render(ChatGoldensTest.template(name), conversation, ChatOptions.ANSWER);
    }
  }

  private static void render(
      ChatTemplate template, List<ChatMessage> conversation, ChatOptions options) {
    try {
      String text = template.render(conversation, options);
      assertThat(template.renderParts(conversation, options).stream().map(PromptPart::text))
          .allMatch(part -> !part.isEmpty());
      assertThat(
              template.renderParts(conversation, options).stream()
                  .map(PromptPart::text)
                  .collect(joining()))
          .isEqualTo(text);
    } catch (InvalidRequestException e) {
      assertThat(e.reason()).isEqualTo(InvalidRequestException.Reason.TEMPLATE);
    }
  }
}
