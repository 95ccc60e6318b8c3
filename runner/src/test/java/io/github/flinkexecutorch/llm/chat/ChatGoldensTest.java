package io.github.flinkexecutorch.llm.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Against what transformers renders, by {@code flink_executorch_models.chat_goldens}. A refusal is
 * a golden as well.
 */
class ChatGoldensTest {
  private static final Path FOLDER = Path.of("src/test/resources/chat");
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Map<String, String> TOKENS =
      Map.of("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>", "pad_token", "</s>");
  static final ZonedDateTime NOW = ZonedDateTime.of(2026, 3, 7, 15, 4, 5, 0, ZoneOffset.UTC);

  @Test
  void shouldRenderConversationsAsTransformers() throws IOException {
    Map<String, Map<String, Object>> conversations = read("conversations.json");
    Map<String, String> differences = new TreeMap<>();
    List<Map<String, String>> goldens = goldens("rendered.jsonl");
    for (Map<String, String> golden : goldens) {
      String name = golden.get("template");
      String source = source(name);
      String actual = outcome(source, conversations.get(golden.get("conversation")));
      compare(name + " " + golden.get("conversation"), golden, actual, differences);
    }
    assertThat(differences).isEmpty();
    assertThat(goldens).hasSizeGreaterThanOrEqualTo(15 * 21);
  }

  @Test
  void shouldPassOnTheWordsThatTemplatesRaise() throws IOException {
    Map<String, Map<String, Object>> conversations = read("conversations.json");
    int raised = 0;
    for (Map<String, String> golden : goldens("rendered.jsonl")) {
      if (golden.get("message") != null) {
        Map<String, Object> conversation = conversations.get(golden.get("conversation"));
        ChatTemplate template = template(golden.get("template"));
        InvalidRequestException refusal =
            catchThrowableOfType(
                InvalidRequestException.class,
                () -> template.render(messages(conversation), options(conversation)));
        String message = refusal.getMessage();
        String words =
            message.substring(
                message.indexOf("it raised: ") + 11, message.indexOf(". Check roles"));
        assertThat(golden.get("message"))
            .matches(
                Pattern.compile(Pattern.quote(words).replace("…", "\\E.*\\Q"), Pattern.DOTALL));
        raised++;
      }
    }
    assertThat(raised).isGreaterThan(10);
  }

  @Test
  void shouldEvaluateConstructsAsJinjaButForTheDifferencesListed() throws IOException {
    Map<String, Object> variables =
        MAPPER.readValue(FOLDER.resolve("variables.json").toFile(), new TypeReference<>() {});
    Map<String, String> listed =
        MAPPER.readValue(FOLDER.resolve("differences.json").toFile(), new TypeReference<>() {});
    Map<String, String> differences = new TreeMap<>();
    for (Map<String, String> golden : goldens("constructs.jsonl")) {
      String source = golden.get("source");
      compare(source, golden, outcome(source, variables), differences);
    }
    assertThat(differences).containsOnlyKeys(listed.keySet());
  }

  /** A template may be refused sooner than Jinja2 does, when it is parsed; never later. */
  private static void compare(
      String name, Map<String, String> golden, String actual, Map<String, String> differences) {
    String refused = golden.get("refused");
    boolean equal =
        refused == null
            ? actual.equals("text: " + golden.get("text"))
            : actual.equals("parse") || actual.equals(refused);
    if (!equal) {
      differences.put(name, actual + " instead of " + golden);
    }
  }

  private static String outcome(String source, Map<String, Object> values) {
    try {
      ChatTemplate template = ChatTemplate.of(source, TOKENS, ChatLimits.DEFAULT);
      return "text: " + template.render(messages(values), options(values).withNow(NOW));
    } catch (InvalidModelException e) {
      return "parse";
    } catch (InvalidRequestException e) {
      return "render";
    }
  }

  @SuppressWarnings("unchecked")
  static List<ChatMessage> messages(Map<String, Object> values) {
    List<Map<String, Object>> messages =
        (List<Map<String, Object>>) values.getOrDefault("messages", List.of());
    return messages.stream().map(ChatMessage::new).toList();
  }

  @SuppressWarnings("unchecked")
  static ChatOptions options(Map<String, Object> values) {
    ChatOptions options =
        ChatOptions.NONE
            .withGenerationPrompt(values.get("add_generation_prompt") == Boolean.TRUE)
            .withContinueFinalMessage(values.get("continue_final_message") == Boolean.TRUE)
            .withTools((List<Map<String, Object>>) values.get("tools"))
            .withDocuments((List<Map<String, Object>>) values.get("documents"));
    for (Map.Entry<String, Object> value : values.entrySet()) {
      if (!Set.of(
              "messages", "add_generation_prompt", "continue_final_message", "tools", "documents")
          .contains(value.getKey())) {
        options = options.with(value.getKey(), value.getValue());
      }
    }
    return options;
  }

  static ChatTemplate template(String name) throws IOException {
    return ChatTemplate.of(source(name), TOKENS, ChatLimits.DEFAULT);
  }

  private static String source(String name) throws IOException {
    return Files.readString(FOLDER.resolve("templates").resolve(name));
  }

  static Map<String, Map<String, Object>> read(String file) throws IOException {
    return MAPPER.readValue(FOLDER.resolve(file).toFile(), new TypeReference<>() {});
  }

  static List<Map<String, String>> goldens(String file) throws IOException {
    List<Map<String, String>> goldens = new ArrayList<>();
    for (String line : Files.readAllLines(FOLDER.resolve(file))) {
      goldens.add(MAPPER.readValue(line, new TypeReference<>() {}));
    }
    return goldens;
  }
}
