package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.MultimodalInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations by a template of the tests, without a model. */
class ChatPromptsTest {
  private static final String TEMPLATE =
      "{% for m in messages %}({{ m.role }}) {% if m.content is string %}{{ m.content }}{% else %}"
          + "{% for p in m.content %}{{ '<image>' if p.type == 'image' else p.text }}{% endfor %}"
          + "{% endif %}{{ eos_token }}{% endfor %}(assistant) ";
  private static final RequestImage DOT =
      new RequestImage("a.png", null, 2, 2, new byte[12], 9, 9, null);

  @TempDir private Path folder;
  private Configuration options;

  @BeforeEach
  void writeTemplate() throws IOException {
    Path file = Files.writeString(folder.resolve("chat.jinja"), TEMPLATE);
    options = Tickets.options().set(ExecuTorchOptions.CHAT_TEMPLATE, file.toString());
  }

  @Test
  void shouldMakeThePromptTheMessageOfAUser() {
    assertThat(prompt(InferenceRequest.of("a", "Hi <image>")))
        .isEqualTo("(user) Hi <image><|eos|>(assistant) ");
    options.set(ExecuTorchOptions.SYSTEM_PROMPT, "Be brief.");
    assertThat(prompt(InferenceRequest.of("a", "Hi")))
        .isEqualTo("(system) Be brief.<|eos|>(user) Hi<|eos|>(assistant) ");
  }

  @Test
  void shouldRenderTheMessagesOfARequest() {
    InferenceRequest request =
        InferenceRequest.ofMessages(
            "a",
            RequestMessage.of("user", "One?"),
            RequestMessage.of("assistant", "1"),
            RequestMessage.of("user", "Two?"));
    assertThat(prompt(request))
        .isEqualTo("(user) One?<|eos|>(assistant) 1<|eos|>(user) Two?<|eos|>(assistant) ");
  }

  @Test
  void shouldPutImagesWhereMessagesHaveThemOrFirst() {
    Configuration media = Pictures.batchedOptions("llava", 2, folder);
    options.addAll(media);
    InferenceRequest placed =
        InferenceRequest.ofMessages(
            "a",
            new RequestMessage("user", new String[] {"A ", null, " b"}),
            new RequestMessage("user", new String[] {null, " c"}));

    assertThat(inputs(placed.withImages(DOT, DOT)))
        .extracting(ChatPromptsTest::name)
        .containsExactly("(user) A ", "image", " b(user) ", "image", " c(assistant) ");
    assertThat(inputs(InferenceRequest.of("a", "What <image>?").withImages(DOT)))
        .extracting(ChatPromptsTest::name)
        .containsExactly("(user) ", "image", "What <image>?(assistant) ");
    assertThat(inputs(InferenceRequest.of("a", "").withImages(DOT)))
        .extracting(ChatPromptsTest::name)
        .containsExactly("(user) ", "image", "(assistant) ");
  }

  @Test
  void shouldRefuseConversationsThatCannotWork() throws IOException {
    assertRefused(
        InferenceRequest.ofMessages("a", new RequestMessage("user", new String[] {null, "b"})),
        Reason.INVALID_PARAMETER,
        "places for 1 images, the request has 0");
    options.set(ExecuTorchOptions.SYSTEM_PROMPT, "Be brief.");
    assertRefused(
        InferenceRequest.ofMessages("a", RequestMessage.of("system", "Be rude.")),
        Reason.INVALID_PARAMETER,
        "executorch.request.system-prompt");
    Files.writeString(folder.resolve("chat.jinja"), "{{ raise_exception('no') }}");
    assertRefused(InferenceRequest.of("a", "b"), Reason.TEMPLATE, "it raised: no");
    options = new Configuration();
    assertRefused(
        InferenceRequest.ofMessages("a", RequestMessage.of("user", "b")),
        Reason.UNSUPPORTED_INPUT,
        "executorch.request.chat");
  }

  @Test
  void shouldSayWhyThereIsNoTemplate() {
    options.removeConfig(ExecuTorchOptions.CHAT_TEMPLATE);
    options.set(ExecuTorchOptions.CHAT, true);
    assertThatThrownBy(() -> GenerationSettings.from(options).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("no chat template in");
    options.set(ExecuTorchOptions.CHAT_TEMPLATE, folder.resolve("none.jinja").toString());
    assertThatThrownBy(() -> GenerationSettings.from(options).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("none.jinja");
  }

  @Test
  void shouldTakeTheTemplateOfTheVersionThatIsToBeServed() throws IOException {
    Path version = Files.createDirectory(folder.resolve("v7"));
    Files.move(folder.resolve("chat.jinja"), version.resolve("chat_template.jinja"));
    Files.copy(
        Tickets.FOLDER.resolve("tokenizer_config.json"), version.resolve("tokenizer_config.json"));
    Path file = Files.writeString(folder.resolve("current"), "v7\n");
    options.removeConfig(ExecuTorchOptions.CHAT_TEMPLATE);
    options
        .set(ExecuTorchOptions.CHAT, true)
        .set(ExecuTorchOptions.TOKENIZER_PATH, folder + "/{version}")
        .set(ExecuTorchOptions.MODEL_VERSION_FILE, file.toString());

    assertThat(prompt(InferenceRequest.of("a", "Hi"))).isEqualTo("(user) Hi<|eos|>(assistant) ");
  }

  @Test
  void shouldRefuseOptionsWithoutEffect() {
    options.set(ExecuTorchOptions.CHAT, false);
    assertThatThrownBy(() -> GenerationSettings.from(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executorch.request.chat-template");
    options.set(ExecuTorchOptions.SYSTEM_PROMPT, "Be brief.");
    assertThatThrownBy(() -> GenerationSettings.from(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executorch.request.system-prompt");
    options.removeConfig(ExecuTorchOptions.CHAT);
    options.set(ExecuTorchOptions.SYSTEM_PROMPT, " ");
    assertThatThrownBy(() -> GenerationSettings.from(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must not be blank");
  }

  private void assertRefused(InferenceRequest request, Reason reason, String message) {
    GenerationSettings settings = GenerationSettings.from(options);
    assertThatThrownBy(() -> settings.requestFor(request))
        .isInstanceOfSatisfying(
            InvalidRequestException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private String prompt(InferenceRequest request) {
    return inputs(request).get(0).getText();
  }

  private List<MultimodalInput> inputs(InferenceRequest request) {
    return GenerationSettings.from(options).requestFor(request).inputs();
  }

  private static String name(MultimodalInput input) {
    return input.isImage() ? "image" : input.getText();
  }
}
