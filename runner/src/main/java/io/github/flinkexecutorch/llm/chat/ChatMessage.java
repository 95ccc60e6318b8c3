package io.github.flinkexecutorch.llm.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One message of a conversation, with the fields that chat templates know: {@code role}, {@code
 * content} (text, or a list of parts such as {@code {"type": "image"}}), {@code tool_calls}, {@code
 * tool_call_id}, {@code name}, {@code reasoning_content}, and whatever else a template reads.
 *
 * @param fields in order, values as JSON has them: strings, numbers, booleans, null, lists and
 *     maps. The record copies the map, not the values in it: leave those alone afterwards
 */
public record ChatMessage(Map<String, Object> fields) {
  public ChatMessage {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  public static ChatMessage system(String content) {
    return of("system", content);
  }

  public static ChatMessage user(String content) {
    return of("user", content);
  }

  public static ChatMessage assistant(String content) {
    return of("assistant", content);
  }

  /** The result of a tool call. */
  public static ChatMessage tool(String toolCallId, String content) {
    return of("tool", content).with("tool_call_id", toolCallId);
  }

  public static ChatMessage of(String role, String content) {
    return new ChatMessage(Map.of()).with("role", role).with("content", content);
  }

  /** A message of several parts, each with its {@code type}. */
  public static ChatMessage of(String role, List<Map<String, Object>> parts) {
    return new ChatMessage(Map.of()).with("role", role).with("content", parts);
  }

  /** This message with one more field, or another value of it. */
  public ChatMessage with(String field, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(field, value);
    return new ChatMessage(more);
  }
}
