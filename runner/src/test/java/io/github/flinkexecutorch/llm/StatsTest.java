package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StatsTest {
  private static final Stats STATS =
      new Stats(
          1000,
          1500,
          1600,
          2000,
          2001,
          2900,
          2950,
          2100,
          2102,
          3000,
          12.6,
          800.2,
          50,
          45,
          0,
          0,
          GpuMemory.ABSENT);

  @Test
  void shouldPrintTheKeysOfTheOfficialRunnerInItsOrder() {
    assertThat(STATS.toJson())
        .isEqualTo(
            "{\"prefill_token_per_sec\":500,\"decode_token_per_sec\":50,\"prompt_tokens\":50,"
                + "\"generated_tokens\":45,\"model_load_start_ms\":1000,\"model_load_end_ms\":1500,"
                + "\"inference_start_ms\":2000,\"inference_end_ms\":3000,"
                + "\"model_execution_start_ms\":2900,\"model_execution_end_ms\":2950,"
                + "\"prompt_eval_end_ms\":2100,\"first_token_ms\":2102,"
                + "\"aggregate_sampling_time_ms\":13,\"aggregate_model_execution_time_ms\":800,"
                + "\"SCALING_FACTOR_UNITS_PER_SECOND\":1000}");
  }

  @Test
  void shouldTellOfAPromptThatWasCut() {
    var stats = new Stats(0, 0, 0, 5, 5, 5, 5, 5, 5, 5, 0, 0, 1, 1, 0, 30, GpuMemory.ABSENT);

    assertThat(stats.toJson()).contains(",\"truncated_prompt_tokens\":30,");
    assertThat(stats.withEngine(Duration.ofMillis(1), 2).numTruncatedPromptTokens()).isEqualTo(30);
  }

  @Test
  void shouldReportInTheWordsOfTheOfficialRunner() {
    assertThat(STATS.report().lines())
        .containsExactly(
            "PyTorchObserver " + STATS.toJson(),
            "\tPrompt Tokens: 50    Generated Tokens: 45",
            "\tModel Load Time:\t\t0.500000 (seconds)",
            "\tTotal inference time:\t\t1.000000 (seconds)\t\t Rate: \t45.000000 (tokens/second)",
            "\t\tPrompt evaluation:\t0.100000 (seconds)\t\t Rate: \t500.000000 (tokens/second)",
            "\t\tGenerated 45 tokens:\t0.900000 (seconds)\t\t Rate: \t50.000000 (tokens/second)",
            "\tTime to first generated token:\t0.102000 (seconds)",
            "\tSampling time over 95 tokens:\t0.012600 (seconds)");
  }

  @Test
  void shouldTellTheMemoryOfAnAcceleratorWhereThereIsOne() {
    var gpu = new GpuMemory(4 << 20, 3 << 20, 2 << 20, 1 << 20, 3.5);
    var stats = new Stats(0, 0, 0, 5, 5, 5, 5, 5, 5, 5, 0, 0, 1, 1, 0, 0, gpu);

    assertThat(stats.toJson())
        .contains(
            "\"aggregate_model_execution_time_ms\":0,\"gpu_total_bytes\":4194304,"
                + "\"gpu_free_before_load_bytes\":3145728,\"gpu_free_after_load_bytes\":2097152,"
                + "\"gpu_free_after_generate_bytes\":1048576,\"gpu_peak_usage_mb\":3.5,"
                + "\"SCALING_FACTOR_UNITS_PER_SECOND\":1000");
    assertThat(stats.report()).contains("gpu_total_bytes:\t4.00 MB");
  }

  @Test
  void shouldPrintRatesWithSixSignificantDigits() {
    assertThat(decodeRate(300_000, 1)).contains("\"decode_token_per_sec\":3e+08,");
    assertThat(decodeRate(2, 7)).contains("\"decode_token_per_sec\":285.714,");
    assertThat(decodeRate(1, 9_000_000)).contains("\"decode_token_per_sec\":0.000111111,");
    assertThat(decodeRate(1, 90_000_000)).contains("\"decode_token_per_sec\":1.11111e-05,");
  }

  @Test
  void shouldLeaveRatesOutWhereNoTimePassed() {
    assertThat(new Stats(0, 0, 0, 5, 5, 5, 5, 5, 5, 5, 0, 0, 1, 1, 0, 0, GpuMemory.ABSENT).toJson())
        .startsWith("{\"prompt_tokens\":1,");
  }

  @Test
  void shouldTellTheIntervals() {
    assertThat(STATS.queueMs()).isEqualTo(400);
    assertThat(STATS.modelLoadMs()).isEqualTo(500);
    assertThat(STATS.timeToFirstTokenMs()).isEqualTo(102);
    assertThat(STATS.promptEvalMs()).isEqualTo(100);
    assertThat(STATS.decodeMs()).isEqualTo(900);
    assertThat(STATS.inferenceMs()).isEqualTo(1000);
    assertThat(STATS.tokensPerSecond()).isEqualTo(45);
    assertThat(STATS.withEngine(Duration.ofMillis(10), 0).queueMs()).isEqualTo(10);
  }

  @Test
  void shouldTellNoIntervalForMomentsThatWereNotReached() {
    var cancelled =
        new Stats(1, 2, 0, 2000, 2001, 0, 0, 0, 0, 2002, 0, 0, 5, 0, 0, 0, GpuMemory.ABSENT);

    assertThat(cancelled.timeToFirstTokenMs()).isZero();
    assertThat(cancelled.decodeMs()).isZero();
    assertThat(cancelled.queueMs()).isZero();
  }

  private static String decodeRate(int tokens, long millis) {
    return new Stats(0, 0, 0, 1, 1, 1, 1, 1, 1, 1 + millis, 0, 0, 1, tokens, 0, 0, GpuMemory.ABSENT)
        .toJson();
  }
}
