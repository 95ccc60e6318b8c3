package io.github.flinkexecutorch.connector.table;

import io.github.flinkexecutorch.connector.Outcome;
import java.util.Arrays;
import java.util.Optional;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;

/** What a model can say in a column of its output. */
enum OutputColumn {
  COMPLETION(null, "What the model wrote; NULL for a row that failed."),
  FINISH_REASON("finish_reason", "Why the generation ended: `STOP`, `LENGTH`, ..."),
  PROMPT_TOKENS("prompt_tokens", "Tokens of the prompt."),
  TRUNCATED_PROMPT_TOKENS(
      "truncated_prompt_tokens",
      "Tokens that the whole prompt had more, before it was cut to fit; 0 if it was not."),
  GENERATED_TOKENS("generated_tokens", "Tokens generated."),
  MODEL_DIGEST("model_digest", "SHA-256 of the model's files, in hexadecimal."),
  ERROR_KIND(
      "error_kind",
      "Why the row failed, one of the [kinds](../README.md#when-something-fails); else NULL."),
  ERROR(
      "error",
      "What was tried, which limit, what to change, never the prompt; NULL for a row that worked.");

  private final String columnName;
  private final String description;

  OutputColumn(String columnName, String description) {
    this.columnName = columnName;
    this.description = description;
  }

  /** The column with this name. */
  static Optional<OutputColumn> named(String name) {
    return Arrays.stream(values()).filter(column -> name.equals(column.columnName)).findFirst();
  }

  /** The one with this metadata key. */
  static Optional<OutputColumn> withKey(String key) {
    return Arrays.stream(values()).filter(column -> key.equals(column.metadataKey())).findFirst();
  }

  /** {@code null} for the one that may have any. */
  String columnName() {
    return columnName;
  }

  /**
   * Its name as a METADATA column, {@code null} for the one that cannot be one. For what Flink's
   * other model providers have too, the name is theirs.
   */
  String metadataKey() {
    if (columnName == null) {
      return null;
    }
    return this == ERROR ? "error-string" : columnName.replace('_', '-');
  }

  DataType type() {
    return switch (this) {
      case PROMPT_TOKENS, TRUNCATED_PROMPT_TOKENS, GENERATED_TOKENS -> DataTypes.INT();
      default -> DataTypes.STRING();
    };
  }

  String description() {
    return description;
  }

  boolean tellsErrors() {
    return this == ERROR_KIND || this == ERROR;
  }

  /** The value as Flink keeps it in a row, {@code null} for NULL. */
  Object of(Outcome outcome, String modelDigest) {
    boolean failed = outcome.failure() != null;
    return switch (this) {
      case COMPLETION -> failed ? null : text(outcome.completion().text());
      case FINISH_REASON -> failed ? null : text(outcome.completion().finishReason().name());
      case PROMPT_TOKENS -> failed ? null : outcome.completion().promptTokens();
      case TRUNCATED_PROMPT_TOKENS -> failed ? null : outcome.completion().truncatedPromptTokens();
      case GENERATED_TOKENS -> failed ? null : outcome.completion().generatedTokens();
      case MODEL_DIGEST -> text(modelDigest);
      case ERROR_KIND -> failed ? text(outcome.failure().kind().name()) : null;
      case ERROR -> failed ? text(outcome.failure().message()) : null;
    };
  }

  private static StringData text(String text) {
    return StringData.fromString(text);
  }
}
