package io.github.flinkexecutorch.llm.cli;

import io.github.flinkexecutorch.llm.ChatEncoder;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.chat.ChatMessage;
import io.github.flinkexecutorch.llm.chat.ChatOptions;
import io.github.flinkexecutorch.llm.cli.MediaArguments.Media;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Whether the prompt is a message to a chat model. */
final class ChatArguments {
  @Option(
      names = "--chat",
      description = {
        "The prompt is the message of a user: the chat template beside the tokenizer makes the "
            + "model's prompt of it. Special tokens that it spells stay text.",
        "Images and sounds become parts of the message in front of its text; --image-token and "
            + "--audio-token are then what the template writes for them."
      })
  private boolean chat;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "With --chat: the system message in front.")
  private String system;

  boolean wanted() {
    return chat;
  }

  /**
   * Checks that every argument has an effect.
   *
   * @throws ParameterException naming one that has none
   */
  void check(CommandLine command, GenerationConfig config) {
    if (system != null && !chat) {
      throw new ParameterException(command, "--system needs --chat, whose template places it");
    }
    if (chat && (config.numBos() > 0 || config.numEos() > 0)) {
      throw new ParameterException(
          command, "--num-bos and --num-eos exclude --chat, whose template writes such tokens");
    }
    if (chat && config.echo()) {
      throw new ParameterException(command, "--echo excludes --chat, whose prompt is tokens");
    }
  }

  /** The prompt of a chat model. */
  List<MultimodalInput> inputs(
      CommandLine command, ChatEncoder encoder, List<Media> media, String text) {
    List<Map<String, Object>> parts = new ArrayList<>();
    Map<String, List<MultimodalInput>> places = new HashMap<>();
    for (Media kind : media) {
      if (!kind.inputs().isEmpty()) {
        if (kind.placeholder() == null) {
          throw new ParameterException(
              command,
              "--chat needs " + kind.option() + ", what the chat template writes for such a part");
        }
        places.put(kind.placeholder(), kind.inputs());
        kind.inputs().forEach(input -> parts.add(Map.of("type", kind.type())));
      }
    }
    List<ChatMessage> messages = new ArrayList<>();
    if (system != null) {
      messages.add(ChatMessage.system(system));
    }
    parts.add(Map.of("type", "text", "text", text));
    messages.add(places.isEmpty() ? ChatMessage.user(text) : ChatMessage.of("user", parts));
    return encoder.encode(messages, ChatOptions.ANSWER, places);
  }
}
