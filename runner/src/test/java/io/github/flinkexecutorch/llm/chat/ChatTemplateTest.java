package io.github.flinkexecutorch.llm.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {
  private static final List<ChatMessage> HELLO = List.of(ChatMessage.user("Hello"));
  private static final ChatOptions TOOLS =
      ChatOptions.NONE.withTools(List.of(Map.of("type", "function")));

  @TempDir Path folder;

  @Test
  void shouldLoadATemplateAndTokensOfATokenizerConfiguration() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\", \"lstrip\": false},"
            + " \"pad_token\": null, \"chat_template\": \"{{ bos_token }}{{ messages[0].content }}"
            + "{{ eos_token }}{{ pad_token is defined }}\\n\"}");
    assertThat(ChatTemplate.load(folder).render(HELLO, ChatOptions.NONE))
        .isEqualTo("<s>Hello</s>False");
    assertThat(
            ChatTemplate.load(folder.resolve("tokenizer_config.json"))
                .render(HELLO, ChatOptions.NONE))
        .isEqualTo("<s>Hello</s>False");
  }

  @Test
  void shouldTakeTheNamedTemplateForToolsOnlyWithTools() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"plain\"},"
            + " {\"name\": \"tool_use\", \"template\": \"tools\"}]}");
    ChatTemplate template = ChatTemplate.load(folder);
    assertThat(template.render(HELLO, ChatOptions.NONE)).isEqualTo("plain");
    assertThat(template.render(HELLO, TOOLS)).isEqualTo("tools");
  }

  @Test
  void shouldPreferTheFilesBesideTheConfiguration() throws IOException {
    write("tokenizer_config.json", "{\"bos_token\": \"<s>\", \"chat_template\": \"config\"}");
    assertThat(ChatTemplate.load(folder).render(HELLO, ChatOptions.NONE)).isEqualTo("config");
    write("chat_template.json", "{\"chat_template\": \"json {{ bos_token }}\"}");
    assertThat(ChatTemplate.load(folder).render(HELLO, ChatOptions.NONE)).isEqualTo("json <s>");
    write("chat_template.jinja", "jinja {{ bos_token }}");
    assertThat(ChatTemplate.load(folder).render(HELLO, ChatOptions.NONE)).isEqualTo("jinja <s>");
    Files.createDirectory(folder.resolve("additional_chat_templates"));
    write("additional_chat_templates/tool_use.jinja", "tools");
    assertThat(ChatTemplate.load(folder).render(HELLO, TOOLS)).isEqualTo("tools");
  }

  @Test
  void shouldReadTokensOfTheSpecialTokensMap() throws IOException {
    write("special_tokens_map.json", "{\"unk_token\": \"<unk>\"}");
    write("chat_template.jinja", "{{ unk_token }}");
    assertThat(ChatTemplate.load(folder).render(HELLO, ChatOptions.NONE)).isEqualTo("<unk>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[",
        "{\"chat_template\": null}",
        "{\"chat_template\": 7}",
        "{\"chat_template\": []}",
        "{\"chat_template\": \"{% for %}\"}",
        "{\"chat_template\": [{\"name\": \"other\", \"template\": \"x\"}]}"
      })
  void shouldRefuseAConfigurationWithoutAUsableTemplate(String config) throws IOException {
    write("tokenizer_config.json", config);
    assertThatThrownBy(() -> ChatTemplate.load(folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void shouldRefuseAFolderWithoutATemplate() {
    assertThatThrownBy(() -> ChatTemplate.load(folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("There is no chat template in " + folder);
  }

  @Test
  void shouldRefuseATemplateThatIsNotUtf8() throws IOException {
    Files.write(folder.resolve("chat_template.jinja"), new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(() -> ChatTemplate.load(folder)).isInstanceOf(InvalidModelException.class);
  }

  @Test
  void shouldPassOnWhatTheTemplateRaisesWithoutTheConversation() {
    ChatTemplate template =
        ChatTemplate.of("{{ raise_exception('No ' ~ messages[0].content ~ ' here') }}", "", "");
    assertThatThrownBy(() -> template.render(HELLO, ChatOptions.NONE))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.TEMPLATE))
        .hasMessageContaining("it raised: No … here")
        .hasMessageNotContaining("Hello");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ messages[0].content + 1 }}",
        "{{ messages[0][messages[0].content].x }}",
        "{{ {}[messages[0].content].x }}",
        "{{ messages[0].content() }}",
        "{{ messages | map(messages[0].content) | list }}",
        "{{ ''.index(messages[0].content) }}",
        "{{ strftime_now(messages[0].content) }}",
        "{{ range(1, **{messages[0].content: 1}) }}",
        "{{ namespace()[messages[0].content].x }}",
        "{% for x in [1] %}{{ loop[messages[0].content].x }}{% endfor %}",
        "{{ messages | selectattr('role', messages[0].content) | list }}",
        "{{ [messages[0].content, 1] | sort }}",
        "{{ messages[0].content % 1 }}",
        "{{ messages[0].content | truncate(messages[0].content) }}",
        "{{ messages[0] | attr(messages[0].content) + 1 }}",
        "{% macro f() %}{% endmacro %}{{ f(**{messages[0].content: 1}) }}"
      })
  void shouldNotTellTheConversationInAnError(String source) {
    ChatTemplate template = ChatTemplate.of(source, "", "");
    assertThatThrownBy(() -> template.render(HELLO, ChatOptions.NONE))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageNotContaining("Hello");
  }

  @Test
  void shouldSayTheLineOfAnError() {
    ChatTemplate template = ChatTemplate.of("\n\n{{ nothing.at_all }}", "", "");
    assertThatThrownBy(() -> template.render(HELLO, ChatOptions.NONE))
        .hasMessageContaining("line 3: 'nothing' is undefined");
  }

  @Test
  void shouldNotKnowTheDateUnlessTold() {
    String source = "{{ strftime_now('%d %B %Y') if strftime_now is defined else 'some day' }}";
    ChatTemplate template = ChatTemplate.of(source, "", "");
    assertThat(template.render(HELLO, ChatOptions.NONE)).isEqualTo("some day");
    assertThat(template.render(HELLO, ChatOptions.NONE.withNow(ChatGoldensTest.NOW)))
        .isEqualTo("07 March 2026");
    assertThatThrownBy(
            () ->
                ChatTemplate.of("{{ strftime_now('%Y') }}", "", "").render(HELLO, ChatOptions.NONE))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("'strftime_now' is undefined");
  }

  @Test
  void shouldTakeValuesOfEveryKindThatJsonGives() {
    Object[] values = {
      1,
      2L,
      (short) 3,
      (byte) 4,
      1.5f,
      2.5,
      new BigDecimal("0.25"),
      BigInteger.TWO.pow(70),
      true,
      null
    };
    ChatOptions options =
        ChatOptions.NONE.with("x", values).with("y", Arrays.asList("a", Map.of()));
    assertThat(ChatTemplate.of("{{ x }}{{ y }}", "", "").render(HELLO, options))
        .isEqualTo("[1, 2, 3, 4, 1.5, 2.5, 0.25, 1180591620717411303424, True, None]['a', {}]");
  }

  @Test
  void shouldRefuseValuesOfOtherTypes() {
    ChatOptions options = ChatOptions.NONE.with("x", LocalDate.EPOCH);
    ChatTemplate template = ChatTemplate.of("{{ x }}", "", "");
    assertThatThrownBy(() -> template.render(HELLO, options))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("java.time.LocalDate");
  }

  @Test
  void shouldRefuseToAddAPromptAndToContinueAMessage() {
    assertThatThrownBy(() -> ChatOptions.ANSWER.withContinueFinalMessage(true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseToContinueWhereThereIsNothing() {
    ChatTemplate template = ChatTemplate.of("{{ messages[0].content }}", "", "");
    ChatOptions open = ChatOptions.NONE.withContinueFinalMessage(true);
    ChatMessage image = ChatMessage.of("user", List.of(Map.of("type", "image")));
    for (List<ChatMessage> messages : List.of(List.<ChatMessage>of(), List.of(image))) {
      assertThatThrownBy(() -> template.render(messages, open))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("to continue");
    }
    assertThatThrownBy(() -> ChatTemplate.of("no", "", "").render(HELLO, open))
        .hasMessageContaining("drops the message");
  }

  @Test
  void shouldRenderTheSameOnManyThreads() throws Exception {
    ChatTemplate template = ChatGoldensTest.template("qwen3.jinja");
    String expected = template.render(HELLO, ChatOptions.ANSWER);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<String>> rendered = new ArrayList<>();
      for (int run = 0; run < 200; run++) {
        rendered.add(threads.submit(() -> template.render(HELLO, ChatOptions.ANSWER)));
      }
      for (Future<String> one : rendered) {
        assertThat(one.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void write(String file, String content) throws IOException {
    Files.writeString(folder.resolve(file), content);
  }
}
