package io.github.flinkexecutorch.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.StatsReport;
import java.util.Locale;
import org.apache.flink.annotation.Internal;

/** The JSON, in UTF-8, that the output topics carry. */
@Internal
public final class ResultJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * {@code id}, {@code completion}, {@code finish_reason} (stop, length or cancelled), {@code
   * prompt_tokens}, {@code generated_tokens}, {@code model_digest}, where the model has versions
   * {@code model_version}, and where the prompt was cut {@code truncated_prompt_tokens}: the same
   * bytes for the same request, model and options.
   */
  public static byte[] of(Completion completion) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("id", completion.id())
            .put("completion", completion.text())
            .put("finish_reason", finishReason(completion))
            .put("prompt_tokens", completion.promptTokens())
            .put("generated_tokens", completion.generatedTokens())
            .put("model_digest", completion.modelDigest());
    if (completion.modelVersion() != null) {
      json.put("model_version", completion.modelVersion());
    }
    if (completion.truncatedPromptTokens() > 0) {
      json.put("truncated_prompt_tokens", completion.truncatedPromptTokens());
    }
    return JsonBytes.of(json);
  }

  /** Why a generation ended, as results say it. */
  public static String finishReason(Completion completion) {
    return completion.finishReason().name().toLowerCase(Locale.ROOT);
  }

  /** The fields of a report in snake case; names that end in {@code _ms} are milliseconds. */
  public static byte[] of(StatsReport stats) {
    return JsonBytes.of(
        JSON.createObjectNode()
            .put("id", stats.id())
            .put("subtask", stats.subtask())
            .put("prompt_tokens", stats.promptTokens())
            .put("cached_prompt_tokens", stats.cachedPromptTokens())
            .put("truncated_prompt_tokens", stats.truncatedPromptTokens())
            .put("generated_tokens", stats.generatedTokens())
            .put("queue_ms", stats.queueMs())
            .put("time_to_first_token_ms", stats.timeToFirstTokenMs())
            .put("prefill_ms", stats.prefillMs())
            .put("decode_ms", stats.decodeMs())
            .put("inference_ms", stats.inferenceMs())
            .put("tokens_per_second", stats.tokensPerSecond())
            .put("model_digest", stats.modelDigest())
            .put("cached", stats.cached()));
  }

  private ResultJson() {}
}
