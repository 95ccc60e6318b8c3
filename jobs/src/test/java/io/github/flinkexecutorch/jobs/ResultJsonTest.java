package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.StatsReport;
import io.github.flinkexecutorch.llm.FinishReason;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ResultJsonTest {

  @Test
  void shouldWriteCompletion() {
    byte[] json =
        ResultJson.of(
            new Completion("T-1", null, "{\"a\":\"é\"}", FinishReason.STOP, 12, 7, "c0ffee"));

    assertThat(new String(json, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"id\":\"T-1\",\"completion\":\"{\\\"a\\\":\\\"é\\\"}\",\"finish_reason\":\"stop\","
                + "\"prompt_tokens\":12,\"generated_tokens\":7,\"model_digest\":\"c0ffee\"}");
  }

  @Test
  void shouldTellOfAPromptThatWasCut() {
    Completion cut =
        new Completion("T-1", null, "a", FinishReason.STOP, 12, 7, 30, "c0ffee", null, null);

    assertThat(new String(ResultJson.of(cut), StandardCharsets.UTF_8))
        .endsWith(",\"truncated_prompt_tokens\":30}");
  }

  @Test
  void shouldWriteStats() {
    byte[] json =
        ResultJson.of(
            new StatsReport(
                "T-1", null, 1, 12, 4, 3, 7, 5, 20, 18, 100, 120, 60.5, "c0ffee", false));

    assertThat(new String(json, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"id\":\"T-1\",\"subtask\":1,\"prompt_tokens\":12,\"cached_prompt_tokens\":4,"
                + "\"truncated_prompt_tokens\":3,\"generated_tokens\":7,"
                + "\"queue_ms\":5,\"time_to_first_token_ms\":20,\"prefill_ms\":18,"
                + "\"decode_ms\":100,\"inference_ms\":120,\"tokens_per_second\":60.5,"
                + "\"model_digest\":\"c0ffee\",\"cached\":false}");
  }

  /** An id may have one, as JSON may spell it. */
  @Test
  void shouldWriteHalfACharacter() {
    byte[] json =
        ResultJson.of(new Completion("\ud83d", null, "a", FinishReason.STOP, 1, 1, "c0ffee"));

    assertThat(new String(json, StandardCharsets.UTF_8)).startsWith("{\"id\":\"\\uD83D\"");
  }

  @Test
  void shouldWriteTheVersionOfAModelThatHasSeveral() {
    byte[] json =
        ResultJson.of(
            new Completion("T-1", null, "a", FinishReason.STOP, 1, 1, 0, "c0ffee", "v2", null));

    assertThat(new String(json, StandardCharsets.UTF_8))
        .endsWith("\"model_digest\":\"c0ffee\",\"model_version\":\"v2\"}");
  }
}
