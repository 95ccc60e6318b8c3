package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.ChatPrompt;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.PromptText;
import io.github.flinkexecutorch.llm.chat.ChatMessage;
import io.github.flinkexecutorch.llm.chat.ChatOptions;
import io.github.flinkexecutorch.llm.chat.ChatTemplate;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Makes the prompts of a chat model, by its template. Reads the template once, on the TaskManager.
 * Confined to a thread.
 */
final class ChatPrompts implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String SYSTEM = "system";
  private static final String USER = "user";

  private final boolean wanted;
  private final String systemPrompt; // null: none
  private final String tokenizer; // null: no model to ask
  private final ModelPaths paths;
  private final String templateFile; // null: the model's own
  private final String imageMarker;

  private transient ChatTemplate template;

  /**
   * @throws IllegalArgumentException if an option has no effect without a chat template
   */
  ChatPrompts(ReadableConfig options) {
    systemPrompt = options.get(ExecuTorchOptions.SYSTEM_PROMPT);
    templateFile = options.get(ExecuTorchOptions.CHAT_TEMPLATE);
    boolean needed = systemPrompt != null || templateFile != null;
    wanted = options.getOptional(ExecuTorchOptions.CHAT).orElse(needed);
    tokenizer = options.get(ExecuTorchOptions.TOKENIZER_PATH);
    paths = ModelPaths.from(options);
    imageMarker = options.get(ExecuTorchOptions.IMAGE_MARKER);
    if (needed && !wanted) {
      throw new IllegalArgumentException(
          "%s is false, but %s needs a chat template: leave one of them out."
              .formatted(
                  ExecuTorchOptions.CHAT.key(),
                  systemPrompt == null
                      ? ExecuTorchOptions.CHAT_TEMPLATE.key()
                      : ExecuTorchOptions.SYSTEM_PROMPT.key()));
    }
    if (systemPrompt != null && systemPrompt.isBlank()) {
      throw new IllegalArgumentException(
          "Option " + ExecuTorchOptions.SYSTEM_PROMPT.key() + " must not be blank.");
    }
  }

  /** Whether prompts go through the chat template. */
  boolean wanted() {
    return wanted;
  }

  /**
   * Reads the template, if prompts go through one: that of the version that is to be served now.
   * Later versions are asked with it too.
   *
   * @throws InvalidModelException if there is none, or it cannot be used
   */
  void load() {
    if (wanted && template == null && tokenizer != null) {
      Path beside = paths.now(tokenizer);
      template =
          templateFile == null
              ? ChatTemplate.load(beside)
              : ChatTemplate.load(beside, Path.of(templateFile));
    }
  }

  /**
   * The prompt of a request: the job's system prompt, and the messages of the request or else its
   * prompt as the message of a user. Its images stand where messages have them, or if none has,
   * before the text of the first message of a user.
   *
   * @throws InvalidRequestException if the template refuses the conversation, it has another number
   *     of images than the request, or messages bring a system prompt where the job has one
   */
  List<MultimodalInput> inputs(InferenceRequest request, List<MultimodalInput> images) {
    if (!wanted) {
      throw new InvalidRequestException(
          Reason.UNSUPPORTED_INPUT,
          "The request has messages, which need a chat template; set "
              + ExecuTorchOptions.CHAT.key());
    }
    load();
    List<RequestMessage> messages = messages(request);
    if (!images.isEmpty() && imagesIn(messages) == 0) {
      messages = withImagesFirst(messages, images.size());
    }
    if (imagesIn(messages) != images.size()) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER,
          "The messages have places for %d images, the request has %d"
              .formatted(imagesIn(messages), images.size()));
    }
    return ChatPrompt.render(
            template, messages.stream().map(ChatPrompts::chatMessage).toList(), ChatOptions.ANSWER)
        .inputs(images.isEmpty() ? Map.of() : Map.of(imageMarker, images), texts(request));
  }

  private List<RequestMessage> messages(InferenceRequest request) {
    List<RequestMessage> messages = new ArrayList<>();
    if (systemPrompt != null) {
      messages.add(RequestMessage.of(SYSTEM, systemPrompt));
    }
    for (RequestMessage message : request.messages()) {
      if (systemPrompt != null && message.role().equals(SYSTEM)) {
        throw new InvalidRequestException(
            Reason.INVALID_PARAMETER,
            "The messages have one of the role system, which %s has taken"
                .formatted(ExecuTorchOptions.SYSTEM_PROMPT.key()));
      }
      messages.add(message);
    }
    if (request.messages().length == 0) {
      messages.add(RequestMessage.of(USER, request.prompt()));
    }
    return messages;
  }

  /** What must stay of the messages where the prompt is too long. */
  private List<PromptText> texts(InferenceRequest request) {
    List<PromptText> texts = new ArrayList<>();
    if (systemPrompt != null) {
      texts.add(PromptText.filled(systemPrompt, new BitSet()));
    }
    if (request.messages().length == 0) {
      texts.add(request.text());
    }
    return texts;
  }

  private static List<RequestMessage> withImagesFirst(List<RequestMessage> messages, int images) {
    List<RequestMessage> placed = new ArrayList<>(messages);
    for (int i = 0; i < placed.size(); i++) {
      if (placed.get(i).role().equals(USER)) {
        List<String> parts = new ArrayList<>(Collections.nCopies(images, null));
        Arrays.stream(placed.get(i).parts()).filter(part -> !part.isEmpty()).forEach(parts::add);
        placed.set(i, new RequestMessage(USER, parts.toArray(String[]::new)));
        break;
      }
    }
    return placed;
  }

  private static ChatMessage chatMessage(RequestMessage message) {
    String[] parts = message.parts();
    if (parts.length == 1 && parts[0] != null) {
      return ChatMessage.of(message.role(), parts[0]);
    }
    List<Map<String, Object>> content = new ArrayList<>();
    for (String part : parts) {
      content.add(part == null ? Map.of("type", "image") : Map.of("type", "text", "text", part));
    }
    return ChatMessage.of(message.role(), content);
  }

  private static long imagesIn(List<RequestMessage> messages) {
    return messages.stream()
        .flatMap(message -> Arrays.stream(message.parts()))
        .filter(Objects::isNull)
        .count();
  }
}
