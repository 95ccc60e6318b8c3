package io.github.flinkexecutorch.llm.chat;

import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a template gets besides the messages. Values are as JSON has them; see {@link ChatMessage}.
 *
 * @param addGenerationPrompt whether the prompt ends with the start of the assistant's answer
 * @param continueFinalMessage whether the prompt ends with the last message, left open to go on
 * @param tools JSON schemas of the tools; null for none
 * @param documents to answer from; null for none
 * @param variables further variables, such as {@code enable_thinking}; they come before the special
 *     tokens of the tokenizer if they have the same name
 * @param now what {@code strftime_now} tells. If null, that function is undefined: templates that
 *     test for it take their fixed date, others refuse. The clock is never read, so that the same
 *     request always gives the same prompt
 */
public record ChatOptions(
    boolean addGenerationPrompt,
    boolean continueFinalMessage,
    List<Map<String, Object>> tools,
    List<Map<String, Object>> documents,
    Map<String, Object> variables,
    ZonedDateTime now) {

  /** The whole conversation, nothing added. */
  public static final ChatOptions NONE = new ChatOptions(false, false, null, null, Map.of(), null);

  /** The conversation and the start of the answer. */
  public static final ChatOptions ANSWER = NONE.withGenerationPrompt(true);

  public ChatOptions {
    if (addGenerationPrompt && continueFinalMessage) {
      throw new IllegalArgumentException(
          "addGenerationPrompt starts a message and continueFinalMessage goes on with one: choose");
    }
    tools = tools == null ? null : List.copyOf(tools);
    documents = documents == null ? null : List.copyOf(documents);
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
  }

  public ChatOptions withGenerationPrompt(boolean value) {
    return new ChatOptions(value, continueFinalMessage, tools, documents, variables, now);
  }

  public ChatOptions withContinueFinalMessage(boolean value) {
    return new ChatOptions(addGenerationPrompt, value, tools, documents, variables, now);
  }

  public ChatOptions withTools(List<Map<String, Object>> value) {
    return new ChatOptions(
        addGenerationPrompt, continueFinalMessage, value, documents, variables, now);
  }

  public ChatOptions withDocuments(List<Map<String, Object>> value) {
    return new ChatOptions(addGenerationPrompt, continueFinalMessage, tools, value, variables, now);
  }

  /** One more variable. */
  public ChatOptions with(String variable, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(variables);
    more.put(variable, value);
    return new ChatOptions(addGenerationPrompt, continueFinalMessage, tools, documents, more, now);
  }

  public ChatOptions withNow(ZonedDateTime value) {
    return new ChatOptions(
        addGenerationPrompt, continueFinalMessage, tools, documents, variables, value);
  }
}
