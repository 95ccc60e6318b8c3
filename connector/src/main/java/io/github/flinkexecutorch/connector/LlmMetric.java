package io.github.flinkexecutorch.connector;

import com.codahale.metrics.SlidingWindowReservoir;
import org.apache.flink.dropwizard.metrics.DropwizardHistogramWrapper;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;

/** Every metric of the connector, in the group {@code executorch} of its operator. */
enum LlmMetric {
  COMPLETIONS("completions", Type.COUNTER, "Requests that were completed."),
  FAILURES("failures", Type.COUNTER, "Requests that failed, by group kind."),
  SKIPPED("skipped", Type.COUNTER, "Failed requests dropped by the failure policy SKIP."),
  TOMBSTONES("tombstones", Type.COUNTER, "Records without a value that the parser dropped."),
  IMAGES("images", Type.COUNTER, "Images that were decoded and brought to the model's size."),
  IMAGE_BYTES("imageBytes", Type.COUNTER, "Bytes of their files."),
  IMAGE_FAILURES(
      "imageFailures",
      Type.COUNTER,
      "Requests of which an image could not be used, by group kind."),
  IMAGE_FETCH_TIME("imageFetchTime", Type.HISTOGRAM, "Reading of an image that is named, ms."),
  IMAGE_DECODE_TIME("imageDecodeTime", Type.HISTOGRAM, "Decoding and resizing of an image, ms."),
  FINISH_REASONS("finishReasons", Type.COUNTER, "Completions by group reason."),
  PROMPT_TOKENS("promptTokens", Type.COUNTER, "Tokens of the prompts of all completions."),
  CACHED_PROMPT_TOKENS(
      "cachedPromptTokens",
      Type.COUNTER,
      "How many of them the engine had computed for an earlier prompt with the same beginning."),
  TRUNCATED_PROMPTS(
      "truncatedPrompts", Type.COUNTER, "Completions whose prompt was cut to fit the context."),
  GENERATED_TOKENS("generatedTokens", Type.COUNTER, "Tokens of all completions."),
  GENERATED_TOKENS_PER_SECOND(
      "generatedTokensPerSecond", Type.METER, "Generated tokens of the last minute, per second."),
  QUEUE_TIME("queueTime", Type.HISTOGRAM, "Wait for a place in the engine, ms."),
  TIME_TO_FIRST_TOKEN(
      "timeToFirstToken", Type.HISTOGRAM, "From the start of a run to its first token, ms."),
  PREFILL_TIME("prefillTime", Type.HISTOGRAM, "Reading of the prompt, ms."),
  DECODE_TIME("decodeTime", Type.HISTOGRAM, "From the end of the prompt to the last token, ms."),
  INFERENCE_TIME("inferenceTime", Type.HISTOGRAM, "A whole run without the queue, ms."),
  IN_FLIGHT("inFlight", Type.GAUGE, "Requests queued or running."),
  MODEL_LOAD_TIME("modelLoadTime", Type.GAUGE, "Opening of the model and its tokenizer, ms."),
  MODEL_BYTES("modelBytes", Type.GAUGE, "Size of the model's files, bytes."),
  NATIVE_RSS_BYTES(
      "nativeRssBytes", Type.GAUGE, "Resident memory of the whole process, bytes; 0 if unknown."),
  ENGINE_STEPS("engineSteps", Type.GAUGE, "Executions of the model so far."),
  ENGINE_STEP_TOKENS(
      "engineStepTokens", Type.GAUGE, "Tokens of an average execution, of all sequences in it."),
  ENGINE_FAILED_STEPS("engineFailedSteps", Type.GAUGE, "Executions that the runtime refused."),
  ENGINE_RUNNING("engineRunning", Type.GAUGE, "Sequences in the engine's steps."),
  ENGINE_PREEMPTIONS(
      "enginePreemptions",
      Type.GAUGE,
      "How often a sequence had to give its pages back, to be computed again later."),
  ENGINE_PREFIX_HIT_RATE(
      "enginePrefixHitRate", Type.GAUGE, "Part of the prompts' tokens found computed, 0 to 1."),
  ENGINE_PAGES("enginePages", Type.GAUGE, "Pages of the KV cache."),
  ENGINE_USED_PAGES("engineUsedPages", Type.GAUGE, "Pages that sequences use."),
  ENGINE_IDLE_PAGES(
      "engineIdlePages", Type.GAUGE, "Pages that only wait for a prompt with the same beginning.");

  /** What kind of metric it is. */
  enum Type {
    COUNTER,
    METER,
    HISTOGRAM,
    GAUGE
  }

  private static final String GROUP = "executorch";
  private static final int HISTOGRAM_WINDOW = 1000;

  private final String metricName;
  private final Type type;
  private final String description;

  LlmMetric(String metricName, Type type, String description) {
    this.metricName = metricName;
    this.type = type;
    this.description = description;
  }

  String metricName() {
    return metricName;
  }

  Type type() {
    return type;
  }

  String description() {
    return description;
  }

  Counter counterIn(MetricGroup operator) {
    return operator.addGroup(GROUP).counter(metricName);
  }

  Counter counterIn(MetricGroup operator, String label, Enum<?> value) {
    return operator.addGroup(GROUP).addGroup(label, value.name()).counter(metricName);
  }

  void meterIn(MetricGroup operator, Counter events) {
    operator.addGroup(GROUP).meter(metricName, new MeterView(events));
  }

  Histogram histogramIn(MetricGroup operator) {
    return operator
        .addGroup(GROUP)
        .histogram(
            metricName,
            new DropwizardHistogramWrapper(
                new com.codahale.metrics.Histogram(new SlidingWindowReservoir(HISTOGRAM_WINDOW))));
  }

  void gaugeIn(MetricGroup operator, Gauge<? extends Number> value) {
    operator.addGroup(GROUP).gauge(metricName, value);
  }
}
