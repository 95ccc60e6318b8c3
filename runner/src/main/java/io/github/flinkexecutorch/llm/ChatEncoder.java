package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.chat.ChatMessage;
import io.github.flinkexecutorch.llm.chat.ChatOptions;
import io.github.flinkexecutorch.llm.chat.ChatTemplate;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.List;
import java.util.Map;

/**
 * Makes of a conversation the tokens that a chat model was trained on: its template writes the
 * prompt, its tokenizer encodes it.
 *
 * <p>A special token comes only of what the template wrote, whole; whatever a message, a tool or a
 * document spells stays text. Where none of them spells a special token, the tokens are those of
 * the whole prompt as one text. The template writes its own beginning-of-sequence token, so {@link
 * GenerationConfig#numBos()} does not count here. Safe for use by several threads.
 */
public final class ChatEncoder {
  private final ChatTemplate template;
  private final Tokenizer tokenizer;

  /**
   * @param tokenizer of the same model; not closed
   */
  public ChatEncoder(ChatTemplate template, Tokenizer tokenizer) {
    this.template = template;
    this.tokenizer = tokenizer;
  }

  /**
   * The conversation as tokens.
   *
   * @throws InvalidRequestException if the template refuses the conversation, or the prompt is
   *     longer than the tokenizer takes
   */
  public MultimodalInput encode(List<ChatMessage> messages, ChatOptions options) {
    ChatPrompt prompt = ChatPrompt.render(template, messages, options);
    return input(prompt, 0, prompt.text().length());
  }

  /**
   * The conversation as tokens with images and sounds between.
   *
   * @param media what stands instead of the placeholders that the template writes, for example for
   *     a part {@code {"type": "image"}} of a message; placeholders in messages stay text
   * @throws InvalidRequestException as above, and if there are more or fewer placeholders than
   *     media
   */
  public List<MultimodalInput> encode(
      List<ChatMessage> messages, ChatOptions options, Map<String, List<MultimodalInput>> media) {
    ChatPrompt prompt = ChatPrompt.render(template, messages, options);
    return new MediaPlaces(media)
        .fill(prompt.text(), prompt.content(), (start, end) -> input(prompt, start, end));
  }

  private MultimodalInput input(ChatPrompt prompt, int start, int end) {
    return MultimodalInput.makeTokenInput(
        tokenizer.encodePrompt(
            prompt.text().substring(start, end), prompt.content().get(start, end)));
  }
}
