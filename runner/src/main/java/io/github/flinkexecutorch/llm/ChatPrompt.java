package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.chat.ChatMessage;
import io.github.flinkexecutorch.llm.chat.ChatOptions;
import io.github.flinkexecutorch.llm.chat.ChatTemplate;
import io.github.flinkexecutorch.llm.chat.PromptPart;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * A conversation as its chat template wrote it, for whoever has no tokenizer at hand: an engine
 * encodes it with its own, to the tokens that {@link ChatEncoder} gives. Immutable.
 */
public final class ChatPrompt {
  private final String text;
  private final BitSet content;

  private ChatPrompt(String text, BitSet content) {
    this.text = text;
    this.content = content;
  }

  /**
   * Writes a conversation.
   *
   * @throws InvalidRequestException if the template refuses it
   */
  public static ChatPrompt render(
      ChatTemplate template, List<ChatMessage> messages, ChatOptions options) {
    StringBuilder text = new StringBuilder();
    BitSet content = new BitSet();
    for (PromptPart part : template.renderParts(messages, options)) {
      int start = text.length();
      text.append(part.text());
      content.set(start, text.length(), part.content());
    }
    return new ChatPrompt(text.toString(), content);
  }

  String text() {
    return text;
  }

  /** Which characters came with the request. */
  BitSet content() {
    return content;
  }

  /**
   * The prompt, with images and sounds between its texts. Where it is too long only messages are
   * shortened: what the template wrote stays.
   *
   * @param media what stands instead of the placeholders that the template wrote; see {@link
   *     ChatEncoder#encode(List, ChatOptions, Map)}
   * @param messages texts in the order of the conversation of which the form stays too, such as a
   *     system prompt; one that the template has changed, but for blanks around it, has none
   * @throws InvalidRequestException if there are more or fewer placeholders than media
   */
  public List<MultimodalInput> inputs(
      Map<String, List<MultimodalInput>> media, List<PromptText> messages) {
    BitSet form = form(messages);
    return new MediaPlaces(media)
        .fill(
            text,
            content,
            (start, end) ->
                MultimodalInput.makeTextInput(
                    PromptText.chat(
                        text.substring(start, end),
                        content.get(start, end),
                        form.get(start, end))));
  }

  private BitSet form(List<PromptText> messages) {
    BitSet form = new BitSet();
    form.set(0, text.length());
    form.andNot(content);
    int from = 0;
    for (PromptText message : messages) {
      String words = message.text().strip();
      int at = words.isEmpty() ? -1 : placeOf(words, from);
      if (at < 0) {
        continue;
      }
      int blanks = message.text().indexOf(words);
      for (int i = 0; i < words.length(); i++) {
        if (message.isForm(blanks + i)) {
          form.set(at + i);
        }
      }
      from = at + words.length();
    }
    return form;
  }

  private int placeOf(String words, int from) {
    int at = text.indexOf(words, from);
    while (at >= 0 && content.nextClearBit(at) < at + words.length()) {
      at = text.indexOf(words, at + 1);
    }
    return at;
  }
}
