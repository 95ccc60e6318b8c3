package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.FinishReason;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.Test;

class LlmMetricsTest {
  private static final String GROUP = "executorch";

  private final MetricListener listener = new MetricListener();
  private final LlmMetrics metrics = new LlmMetrics(listener.getMetricGroup());

  @Test
  void shouldCountCompletionsTokensAndTimes() {
    metrics.completed(
        new Completion("a", null, "x", FinishReason.LENGTH, 7, 20, "d"),
        new StatsReport("a", null, 0, 7, 4, 20, 1, 2, 3, 4, 5, 6, "d"));

    assertThat(count(LlmMetric.COMPLETIONS)).isEqualTo(1);
    assertThat(count(LlmMetric.PROMPT_TOKENS)).isEqualTo(7);
    assertThat(count(LlmMetric.CACHED_PROMPT_TOKENS)).isEqualTo(4);
    assertThat(count(LlmMetric.PREFIX_HITS)).isEqualTo(1);
    assertThat(count(LlmMetric.GENERATED_TOKENS)).isEqualTo(20);
    assertThat(count(LlmMetric.FINISH_REASONS, "reason", "LENGTH")).isEqualTo(1);
    assertThat(count(LlmMetric.FINISH_REASONS, "reason", "STOP")).isZero();
    assertThat(max(LlmMetric.QUEUE_TIME)).isEqualTo(1);
    assertThat(max(LlmMetric.TIME_TO_FIRST_TOKEN)).isEqualTo(2);
    assertThat(max(LlmMetric.PREFILL_TIME)).isEqualTo(3);
    assertThat(max(LlmMetric.DECODE_TIME)).isEqualTo(4);
    assertThat(max(LlmMetric.INFERENCE_TIME)).isEqualTo(5);
    assertThat(max(LlmMetric.REQUEST_TIME)).isEqualTo(6);
    assertThat(listener.getMeter(GROUP, LlmMetric.GENERATED_TOKENS_PER_SECOND.metricName()))
        .hasValueSatisfying(meter -> assertThat(meter.getCount()).isEqualTo(20));
  }

  @Test
  void shouldCountPromptsThatWereCut() {
    Completion completion =
        new Completion("a", null, "x", FinishReason.STOP, 7, 20, 30, "d", null, null);
    metrics.completed(
        completion, new StatsReport("a", null, 0, 7, 4, 30, 20, 1, 2, 3, 4, 5, 6, "d", false));
    metrics.completed(
        completion, new StatsReport("a", null, 0, 7, 4, 0, 20, 1, 2, 3, 4, 5, 6, "d", false));

    assertThat(count(LlmMetric.TRUNCATED_PROMPTS)).isEqualTo(1);
  }

  @Test
  void shouldCountFailuresByKind() {
    metrics.failed(FailureKind.TIMEOUT);
    metrics.failed(FailureKind.TIMEOUT);
    metrics.failed(FailureKind.MALFORMED);

    assertThat(count(LlmMetric.FAILURES, "kind", "TIMEOUT")).isEqualTo(2);
    assertThat(count(LlmMetric.FAILURES, "kind", "MALFORMED")).isEqualTo(1);
    assertThat(count(LlmMetric.FAILURES, "kind", "GENERATION_FAILED")).isZero();
  }

  @Test
  void shouldShowTheModelOnceItIsLoaded() {
    metrics.modelLoaded(FakeEngine::holding);

    assertThat(gauge(LlmMetric.MODEL_BYTES)).isEqualTo(FakeEngine.MODEL_BYTES);
    assertThat((Long) gauge(LlmMetric.NATIVE_RSS_BYTES)).isGreaterThan(1 << 20);
  }

  @Test
  void shouldShowWhatTheEngineDoes() {
    metrics.modelLoaded(FakeEngine::holding);

    assertThat(gauge(LlmMetric.ENGINE_SHARED_BY)).isEqualTo(FakeEngine.SHARED_BY);
    assertThat(gauge(LlmMetric.ENGINE_STEPS)).isEqualTo(8L);
    assertThat(gauge(LlmMetric.ENGINE_STEP_TOKENS)).isEqualTo(12.5);
    assertThat(gauge(LlmMetric.ENGINE_ROWS)).isEqualTo(20L);
    assertThat(gauge(LlmMetric.ENGINE_STEP_ROWS)).isEqualTo(2.5);
    assertThat(gauge(LlmMetric.ENGINE_EXECUTION_TIME)).isEqualTo(3L);
    assertThat(gauge(LlmMetric.ENGINE_FAILED_STEPS)).isEqualTo(1L);
    assertThat(gauge(LlmMetric.ENGINE_RUNNING)).isEqualTo(5);
    assertThat(gauge(LlmMetric.ENGINE_WAITING)).isEqualTo(7);
    assertThat(gauge(LlmMetric.ENGINE_PREEMPTIONS)).isEqualTo(3L);
    assertThat(gauge(LlmMetric.ENGINE_PREFIX_HIT_RATE)).isEqualTo(0.25);
    assertThat(gauge(LlmMetric.ENGINE_PAGES)).isEqualTo(64);
    assertThat(gauge(LlmMetric.ENGINE_USED_PAGES)).isEqualTo(32);
    assertThat(gauge(LlmMetric.ENGINE_IDLE_PAGES)).isEqualTo(16);
    assertThat(gauge(LlmMetric.ENGINE_FREE_PAGES)).isEqualTo(16);
  }

  @Test
  void shouldShowWhetherTheEngineCanWork() {
    assertThat(gauge(LlmMetric.ENGINE_STATE)).isEqualTo(0);

    FakeEngine engine = FakeEngine.holding();
    metrics.modelLoaded(() -> engine);
    assertThat(gauge(LlmMetric.ENGINE_STATE)).isEqualTo(1);
    assertThat((Double) gauge(LlmMetric.ENGINE_SECONDS_SINCE_STEP)).isPositive();

    engine.close();
    assertThat(gauge(LlmMetric.ENGINE_STATE)).isEqualTo(2);
  }

  @Test
  void shouldNotCountWhatTheCacheSaved() {
    metrics.completed(
        new Completion("a", null, "x", FinishReason.STOP, 7, 20, "d"),
        new StatsReport("a", null, 0, 7, 7, 0, 20, 0, 0, 0, 0, 0, 0, "d", true));

    assertThat(count(LlmMetric.COMPLETIONS)).isEqualTo(1);
    assertThat(count(LlmMetric.FINISH_REASONS, "reason", "STOP")).isEqualTo(1);
    assertThat(count(LlmMetric.GENERATED_TOKENS)).isZero();
    assertThat(count(LlmMetric.PROMPT_TOKENS)).isZero();
  }

  private long count(LlmMetric metric) {
    return listener.getCounter(GROUP, metric.metricName()).orElseThrow().getCount();
  }

  private long count(LlmMetric metric, String label, String value) {
    return listener.getCounter(GROUP, label, value, metric.metricName()).orElseThrow().getCount();
  }

  private long max(LlmMetric metric) {
    return listener.getHistogram(GROUP, metric.metricName()).orElseThrow().getStatistics().getMax();
  }

  private Number gauge(LlmMetric metric) {
    return listener.<Number>getGauge(GROUP, metric.metricName()).orElseThrow().getValue();
  }
}
