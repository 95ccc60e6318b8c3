package io.github.flinkexecutorch.connector;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.apache.flink.configuration.ReadableConfig;

/** Makes the prompts of records, with and without images. Immutable. */
final class PromptReader {
  /** Of a prompt that is the job's alone. */
  private static final int[] NO_FIELDS = {};

  private final PromptTemplate template;
  private final String imagePrompt; // null: none of its own

  /**
   * @throws IllegalArgumentException if the prompt template cannot work
   */
  PromptReader(ReadableConfig options) {
    template = PromptTemplate.compile(options.get(ExecuTorchOptions.PROMPT_TEMPLATE));
    imagePrompt = options.get(ExecuTorchOptions.IMAGE_PROMPT);
  }

  /**
   * The prompt of a record with these fields.
   *
   * @throws RejectedRecordException as {@link PromptTemplate#render}
   */
  ReadPrompt read(JsonNode record, boolean hasImages) throws RejectedRecordException {
    try {
      return template.render(record);
    } catch (RejectedRecordException e) {
      if (hasImages && imagePrompt != null) {
        return ofImageAlone();
      }
      throw e;
    }
  }

  /** The prompt of an image without a text, empty if there shall be none. */
  ReadPrompt ofImageAlone() {
    return new ReadPrompt(imagePrompt == null ? "" : imagePrompt, NO_FIELDS);
  }

  /** Names of the fields that a record needs for a prompt. */
  List<String> fields() {
    return template.fields();
  }
}
