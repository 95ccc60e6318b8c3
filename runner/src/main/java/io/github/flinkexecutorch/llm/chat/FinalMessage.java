package io.github.flinkexecutorch.llm.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The last message of a conversation that is to go on. As in transformers, a tag behind its text
 * shows where the prompt must end.
 *
 * @param text what the message says before the tag
 */
record FinalMessage(String text, List<ChatMessage> tagged) {
  private static final String TAG = "CONTINUE_FINAL_MESSAGE_TAG ";

  static FinalMessage of(List<ChatMessage> messages) {
    if (messages.isEmpty()) {
      throw ChatTemplate.refused("there is no message to continue");
    }
    ChatMessage last = messages.get(messages.size() - 1);
    List<ChatMessage> tagged = new ArrayList<>(messages.subList(0, messages.size() - 1));
    Object content = last.fields().get("content");
    if (content instanceof String text) {
      tagged.add(last.with("content", text + TAG));
      return new FinalMessage(text, tagged);
    }
    List<Object> parts = content instanceof List<?> list ? new ArrayList<>(list) : List.of();
    for (int place = parts.size() - 1; place >= 0; place--) {
      if (parts.get(place) instanceof Map<?, ?> part && part.get("text") instanceof String text) {
        Map<Object, Object> copy = new LinkedHashMap<>(part);
        copy.put("text", text + TAG);
        parts.set(place, copy);
        tagged.add(last.with("content", parts));
        return new FinalMessage(text, tagged);
      }
    }
    throw ChatTemplate.refused("the message to continue has no text");
  }

  /** The prompt up to the tag, without the space that the template trimmed. */
  Text cut(Text rendered) {
    int tag = rendered.value().lastIndexOf(TAG.strip());
    Text stripped = Splits.strip(Text.content(text), null, true, true);
    if (tag < 0 || Search.indexOf(rendered.value(), stripped.value(), 0) < 0) {
      throw ChatTemplate.refused("it drops the message to continue, or part of it");
    }
    Text kept = rendered.slice(0, tag);
    boolean spaceKept = rendered.value().startsWith(TAG, tag);
    return spaceKept ? kept : Splits.strip(kept, null, false, true);
  }
}
