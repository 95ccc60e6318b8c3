package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.FinishReason;
import io.github.flinkexecutorch.llm.ProcessMemory;
import io.github.flinkexecutorch.llm.engine.EngineStats;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/** What happens in one subtask, as events. Used by one thread at a time. */
final class LlmMetrics {
  private static final int LOADING = 0;
  private static final int READY = 1;
  private static final int ENDED = 2;

  private final MetricGroup operator;
  private final Counter completions;
  private final Map<FailureKind, Counter> failures = new EnumMap<>(FailureKind.class);
  private final Map<FinishReason, Counter> finishReasons = new EnumMap<>(FinishReason.class);
  private final Counter promptTokens;
  private final Counter cachedPromptTokens;
  private final Counter prefixHits;
  private final Counter truncatedPrompts;
  private final Counter generatedTokens;
  private final Histogram queueTime;
  private final Histogram timeToFirstToken;
  private final Histogram prefillTime;
  private final Histogram decodeTime;
  private final Histogram inferenceTime;
  private final Histogram requestTime;
  private volatile Supplier<InferenceEngine> loaded; // null while it is loading

  LlmMetrics(MetricGroup operator) {
    this.operator = operator;
    completions = LlmMetric.COMPLETIONS.counterIn(operator);
    for (FailureKind kind : FailureKind.values()) {
      failures.put(kind, LlmMetric.FAILURES.counterIn(operator, kind));
    }
    for (FinishReason reason : FinishReason.values()) {
      finishReasons.put(reason, LlmMetric.FINISH_REASONS.counterIn(operator, reason));
    }
    promptTokens = LlmMetric.PROMPT_TOKENS.counterIn(operator);
    cachedPromptTokens = LlmMetric.CACHED_PROMPT_TOKENS.counterIn(operator);
    prefixHits = LlmMetric.PREFIX_HITS.counterIn(operator);
    truncatedPrompts = LlmMetric.TRUNCATED_PROMPTS.counterIn(operator);
    generatedTokens = LlmMetric.GENERATED_TOKENS.counterIn(operator);
    LlmMetric.GENERATED_TOKENS_PER_SECOND.meterIn(operator, generatedTokens);
    queueTime = LlmMetric.QUEUE_TIME.histogramIn(operator);
    timeToFirstToken = LlmMetric.TIME_TO_FIRST_TOKEN.histogramIn(operator);
    prefillTime = LlmMetric.PREFILL_TIME.histogramIn(operator);
    decodeTime = LlmMetric.DECODE_TIME.histogramIn(operator);
    inferenceTime = LlmMetric.INFERENCE_TIME.histogramIn(operator);
    requestTime = LlmMetric.REQUEST_TIME.histogramIn(operator);
    LlmMetric.NATIVE_RSS_BYTES.gaugeIn(operator, ProcessMemory::rssBytes);
    LlmMetric.ENGINE_STATE.gaugeIn(operator, this::engineState);
  }

  /**
   * The model is ready for requests.
   *
   * @param engine the one that answers, at each call
   */
  void modelLoaded(Supplier<InferenceEngine> engine) {
    loaded = engine;
    Supplier<EngineStats> stats = () -> engine.get().stats();
    LlmMetric.MODEL_BYTES.gaugeIn(operator, () -> engine.get().modelBytes());
    LlmMetric.ENGINE_SECONDS_SINCE_STEP.gaugeIn(operator, () -> secondsSinceStep(stats.get()));
    LlmMetric.ENGINE_SHARED_BY.gaugeIn(operator, () -> engine.get().sharedBy());
    LlmMetric.ENGINE_STEPS.gaugeIn(operator, () -> stats.get().steps());
    LlmMetric.ENGINE_STEP_TOKENS.gaugeIn(operator, () -> stats.get().meanStepTokens());
    LlmMetric.ENGINE_ROWS.gaugeIn(operator, () -> stats.get().stepRows());
    LlmMetric.ENGINE_STEP_ROWS.gaugeIn(operator, () -> stats.get().meanStepRows());
    LlmMetric.ENGINE_EXECUTION_TIME.gaugeIn(
        operator, () -> TimeUnit.NANOSECONDS.toMillis(stats.get().executionNanos()));
    LlmMetric.ENGINE_FAILED_STEPS.gaugeIn(operator, () -> stats.get().failedSteps());
    LlmMetric.ENGINE_RUNNING.gaugeIn(operator, () -> stats.get().running());
    LlmMetric.ENGINE_WAITING.gaugeIn(operator, () -> stats.get().waiting());
    LlmMetric.ENGINE_PREEMPTIONS.gaugeIn(operator, () -> stats.get().preemptions());
    LlmMetric.ENGINE_PREFIX_HIT_RATE.gaugeIn(operator, () -> stats.get().prefixHitRate());
    LlmMetric.ENGINE_PAGES.gaugeIn(operator, () -> stats.get().pages());
    LlmMetric.ENGINE_USED_PAGES.gaugeIn(operator, () -> stats.get().usedPages());
    LlmMetric.ENGINE_IDLE_PAGES.gaugeIn(operator, () -> stats.get().idlePages());
    LlmMetric.ENGINE_FREE_PAGES.gaugeIn(operator, () -> stats.get().freePages());
  }

  /** What stands before the engine is ready too. */
  void served(ModelVersions models, Gauge<Integer> inFlight) {
    LlmMetric.IN_FLIGHT.gaugeIn(operator, inFlight);
    LlmMetric.MODEL_LOAD_TIME.gaugeIn(operator, () -> models.current().loadTime().toMillis());
    LlmMetric.WARM_UP_TIME.gaugeIn(operator, () -> models.current().warmUpTime().toMillis());
    LlmMetric.MODEL_SWAPS.gaugeIn(operator, models::swaps);
    LlmMetric.MODEL_SWAP_FAILURES.gaugeIn(operator, models::failedSwaps);
    LlmMetric.CACHE_HITS.gaugeIn(operator, () -> models.current().cache().hits());
    LlmMetric.CACHE_MISSES.gaugeIn(operator, () -> models.current().cache().misses());
    LlmMetric.CACHE_BYTES.gaugeIn(operator, () -> models.current().cache().bytes());
    LlmMetric.RETRIES.gaugeIn(operator, () -> models.current().retries().retries());
    LlmMetric.RATE_WAITING.gaugeIn(operator, () -> models.current().waitingForRate());
  }

  /** A request has an outcome. */
  void counted(Outcome outcome) {
    if (outcome.failure() == null) {
      completed(outcome.completion(), outcome.stats());
    } else {
      failed(outcome.failure().kind());
    }
  }

  /** A request was completed. */
  void completed(Completion completion, StatsReport stats) {
    completions.inc();
    finishReasons.get(completion.finishReason()).inc();
    if (stats.cached()) {
      return; // whoever it was generated for has counted the rest
    }
    promptTokens.inc(stats.promptTokens());
    cachedPromptTokens.inc(stats.cachedPromptTokens());
    if (stats.cachedPromptTokens() > 0) {
      prefixHits.inc();
    }
    truncatedPrompts.inc(stats.truncatedPromptTokens() > 0 ? 1 : 0);
    generatedTokens.inc(stats.generatedTokens());
    queueTime.update(stats.queueMs());
    timeToFirstToken.update(stats.timeToFirstTokenMs());
    prefillTime.update(stats.prefillMs());
    decodeTime.update(stats.decodeMs());
    inferenceTime.update(stats.inferenceMs());
    requestTime.update(stats.queueMs() + stats.inferenceMs());
  }

  /** A request failed. */
  void failed(FailureKind kind) {
    failures.get(kind).inc();
  }

  private int engineState() {
    Supplier<InferenceEngine> engine = loaded;
    if (engine == null) {
      return LOADING;
    }
    return engine.get().isClosed() ? ENDED : READY;
  }

  private static double secondsSinceStep(EngineStats stats) {
    return stats.steps() == 0
        ? 0
        : (System.nanoTime() - stats.latestStepNanos()) / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
