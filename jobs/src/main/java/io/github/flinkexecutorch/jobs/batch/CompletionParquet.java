package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.jobs.ResultJson;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Completions as rows of Parquet files, with the fields that they have as JSON. */
final class CompletionParquet {
  static final String SCHEMA =
      """
      message completion {
        required binary id (STRING);
        required binary completion (STRING);
        required binary finish_reason (STRING);
        required int32 prompt_tokens;
        required int32 generated_tokens;
        required binary model_digest (STRING);
        optional binary model_version (STRING);
        optional int32 truncated_prompt_tokens;
      }
      """;

  private static final MessageType TYPE = MessageTypeParser.parseMessageType(SCHEMA);

  static Group row(Completion completion) {
    Group row =
        new SimpleGroup(TYPE)
            .append("id", completion.id())
            .append("completion", completion.text())
            .append("finish_reason", ResultJson.finishReason(completion))
            .append("prompt_tokens", completion.promptTokens())
            .append("generated_tokens", completion.generatedTokens())
            .append("model_digest", completion.modelDigest());
    if (completion.modelVersion() != null) {
      row.append("model_version", completion.modelVersion());
    }
    if (completion.truncatedPromptTokens() > 0) {
      row.append("truncated_prompt_tokens", completion.truncatedPromptTokens());
    }
    return row;
  }

  private CompletionParquet() {}
}
