package io.github.flinkexecutorch.connector;

import com.codahale.metrics.SlidingWindowReservoir;
import java.util.Locale;
import java.util.Optional;
import org.apache.flink.dropwizard.metrics.DropwizardHistogramWrapper;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;

/** Every metric of the connector, in the group {@code executorch} of its operator. */
enum LlmMetric {
  COMPLETIONS("completions", Type.COUNTER, Unit.REQUESTS, "Requests that were completed."),
  FAILURES("failures", "kind", Scope.INFERENCE, "Requests that failed, by group kind."),
  SKIPPED(
      "skipped",
      Scope.RESULTS,
      Type.COUNTER,
      Unit.REQUESTS,
      "Failed requests dropped by the failure policy SKIP."),
  TOMBSTONES(
      "tombstones",
      Scope.PARSER,
      Type.COUNTER,
      Unit.RECORDS,
      "Records without a value that the parser dropped."),
  IMAGES(
      "images",
      Scope.IMAGES,
      Type.COUNTER,
      Unit.IMAGES,
      "Images that were decoded and brought to the model's size."),
  IMAGE_BYTES("imageBytes", Scope.IMAGES, Type.COUNTER, Unit.BYTES, "Bytes of their files."),
  IMAGE_FAILURES(
      "imageFailures",
      "kind",
      Scope.IMAGES,
      "Requests of which an image could not be used, by group kind."),
  IMAGE_FETCH_TIME(
      "imageFetchTime",
      Scope.IMAGES,
      Type.HISTOGRAM,
      Unit.MS,
      "Reading of an image that is named, ms."),
  IMAGE_DECODE_TIME(
      "imageDecodeTime",
      Scope.IMAGES,
      Type.HISTOGRAM,
      Unit.MS,
      "Decoding and resizing of an image, ms."),
  FINISH_REASONS("finishReasons", "reason", Scope.INFERENCE, "Completions by group reason."),
  PROMPT_TOKENS(
      "promptTokens",
      Scope.INFERENCE,
      Type.COUNTER,
      Unit.TOKENS,
      "Tokens of the prompts of all completions that were generated."),
  CACHED_PROMPT_TOKENS(
      "cachedPromptTokens",
      Scope.INFERENCE,
      Type.COUNTER,
      Unit.TOKENS,
      "How many of them the engine had computed for an earlier prompt with the same beginning."),
  TRUNCATED_PROMPTS(
      "truncatedPrompts",
      Type.COUNTER,
      Unit.REQUESTS,
      "Completions whose prompt was cut to fit the context."),
  PREFIX_HITS(
      "prefixHits",
      Type.COUNTER,
      Unit.REQUESTS,
      "Completions whose prompt the engine had partly computed."),
  GENERATED_TOKENS(
      "generatedTokens",
      Scope.INFERENCE,
      Type.COUNTER,
      Unit.TOKENS,
      "Tokens of all completions that were generated."),
  GENERATED_TOKENS_PER_SECOND(
      "generatedTokensPerSecond",
      Scope.INFERENCE,
      Type.METER,
      Unit.TOKENS_PER_SECOND,
      "Generated tokens of the last minute, per second."),
  QUEUE_TIME(
      "queueTime", Scope.INFERENCE, Type.HISTOGRAM, Unit.MS, "Wait for a place in the engine, ms."),
  TIME_TO_FIRST_TOKEN(
      "timeToFirstToken",
      Scope.INFERENCE,
      Type.HISTOGRAM,
      Unit.MS,
      "From the start of a run to its first token, ms."),
  PREFILL_TIME(
      "prefillTime", Scope.INFERENCE, Type.HISTOGRAM, Unit.MS, "Reading of the prompt, ms."),
  DECODE_TIME(
      "decodeTime",
      Scope.INFERENCE,
      Type.HISTOGRAM,
      Unit.MS,
      "From the end of the prompt to the last token, ms."),
  INFERENCE_TIME(
      "inferenceTime",
      Scope.INFERENCE,
      Type.HISTOGRAM,
      Unit.MS,
      "A whole run without the queue, ms."),
  REQUEST_TIME(
      "requestTime", Scope.INFERENCE, Type.HISTOGRAM, Unit.MS, "Queue and run together, ms."),
  IN_FLIGHT(
      "inFlight",
      Scope.INFERENCE,
      Type.GAUGE,
      Unit.REQUESTS,
      "Requests of this subtask that wait for something or run, with any version of the model."),
  MODEL_LOAD_TIME(
      "modelLoadTime",
      Scope.INFERENCE,
      Type.GAUGE,
      Unit.MS,
      "Opening of the model and its tokenizer, ms."),
  WARM_UP_TIME(
      "warmUpTime",
      Scope.INFERENCE,
      Type.GAUGE,
      Unit.MS,
      "Warming up before the first record, ms."),
  MODEL_SWAPS(
      "modelSwaps", Type.GAUGE, Unit.SWAPS, "How often another version of the model took over."),
  MODEL_SWAP_FAILURES(
      "modelSwapFailures",
      Type.GAUGE,
      Unit.SWAPS,
      "How often another version could not be opened."),
  CACHE_HITS(
      "cacheHits",
      Type.GAUGE,
      Unit.REQUESTS,
      "Requests that were not generated, because an equal one was."),
  CACHE_MISSES(
      "cacheMisses", Type.GAUGE, Unit.REQUESTS, "Requests that had to be generated, with a cache."),
  CACHE_BYTES(
      "cacheBytes",
      Scope.INFERENCE,
      Type.GAUGE,
      Unit.BYTES,
      "Memory of the answers that are kept, estimated, bytes."),
  RETRIES(
      "retries", Type.GAUGE, Unit.TRIES, "Generations that were not the first of their request."),
  RATE_WAITING(
      "rateWaiting", Type.GAUGE, Unit.REQUESTS, "Requests that wait because of the rate limit."),
  MODEL_BYTES(
      "modelBytes", Scope.ENGINE, Type.GAUGE, Unit.BYTES, "Size of the model's files, bytes."),
  NATIVE_RSS_BYTES(
      "nativeRssBytes",
      Scope.PROCESS,
      Type.GAUGE,
      Unit.BYTES,
      "Resident memory of the whole process, bytes; 0 if unknown."),
  ENGINE_STATE(
      "engineState",
      Type.GAUGE,
      Unit.STATE,
      "0 while the model is loading, 1 when it is ready, 2 when it cannot go on."),
  ENGINE_SECONDS_SINCE_STEP(
      "engineSecondsSinceStep",
      Type.GAUGE,
      Unit.SECONDS,
      "Time since the latest execution, s; 0 before the first. Grows while nothing is running too."),
  ENGINE_SHARED_BY(
      "engineSharedBy",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.SUBTASKS,
      "Subtasks of this process that share the engine; 1 where each has its own."),
  ENGINE_STEPS(
      "engineSteps", Scope.ENGINE, Type.GAUGE, Unit.STEPS, "Executions of the model so far."),
  ENGINE_STEP_TOKENS(
      "engineStepTokens",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.TOKENS,
      "Tokens of an average execution, of all sequences in it."),
  ENGINE_ROWS(
      "engineRows",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.SEQUENCES,
      "Sequences that an execution brought a token further, summed over all executions."),
  ENGINE_STEP_ROWS(
      "engineStepRows",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.SEQUENCES,
      "How many of them an average execution had: the occupancy of the batch."),
  ENGINE_EXECUTION_TIME(
      "engineExecutionTime",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.MS,
      "Time inside the runtime so far, ms."),
  ENGINE_FAILED_STEPS(
      "engineFailedSteps",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.STEPS,
      "Executions that the runtime refused."),
  ENGINE_RUNNING(
      "engineRunning",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.SEQUENCES,
      "Sequences in the engine's steps."),
  ENGINE_WAITING(
      "engineWaiting",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.REQUESTS,
      "Requests that wait for a place in them."),
  ENGINE_PREEMPTIONS(
      "enginePreemptions",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.SEQUENCES,
      "How often a sequence had to give its pages back, to be computed again later."),
  ENGINE_PREFIX_HIT_RATE(
      "enginePrefixHitRate",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.RATIO,
      "Part of the prompts' tokens found computed, 0 to 1."),
  ENGINE_PAGES("enginePages", Scope.ENGINE, Type.GAUGE, Unit.PAGES, "Pages of the KV cache."),
  ENGINE_USED_PAGES(
      "engineUsedPages", Scope.ENGINE, Type.GAUGE, Unit.PAGES, "Pages that sequences use."),
  ENGINE_IDLE_PAGES(
      "engineIdlePages",
      Scope.ENGINE,
      Type.GAUGE,
      Unit.PAGES,
      "Pages that only wait for a prompt with the same beginning."),
  ENGINE_FREE_PAGES(
      "engineFreePages", Scope.ENGINE, Type.GAUGE, Unit.PAGES, "Pages that hold nothing.");

  /** What kind of metric it is. */
  enum Type {
    COUNTER,
    METER,
    HISTOGRAM,
    GAUGE
  }

  /** Whose values it has. All are registered for each subtask of an operator. */
  enum Scope {
    PARSER("The subtask of `RequestParser`."),
    IMAGES("The subtask of `ImageReading`."),
    INFERENCE("The subtask of `LlmInference`."),
    RESULTS("The subtask that routes its results."),
    ENGINE("Its engine: subtasks that share one show the same values."),
    PROCESS("Its process.");

    private final String description;

    Scope(String description) {
      this.description = description;
    }

    String description() {
      return description;
    }
  }

  /** What one of it is. */
  enum Unit {
    REQUESTS,
    RECORDS,
    IMAGES,
    SEQUENCES,
    TOKENS,
    TOKENS_PER_SECOND,
    SUBTASKS,
    STEPS,
    PAGES,
    BYTES,
    SWAPS,
    TRIES,
    STATE,
    SECONDS,
    MS,
    RATIO;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private static final String GROUP = "executorch";
  private static final int HISTOGRAM_WINDOW = 1000;

  private final String metricName;
  private final String label; // null: it is one metric, not one for each value of a label
  private final Scope scope;
  private final Type type;
  private final Unit unit;
  private final String description;

  LlmMetric(
      String metricName, String label, Scope scope, Type type, Unit unit, String description) {
    this.metricName = metricName;
    this.label = label;
    this.scope = scope;
    this.type = type;
    this.unit = unit;
    this.description = description;
  }

  LlmMetric(String metricName, Scope scope, Type type, Unit unit, String description) {
    this(metricName, null, scope, type, unit, description);
  }

  /** Something of the inference. */
  LlmMetric(String metricName, Type type, Unit unit, String description) {
    this(metricName, null, Scope.INFERENCE, type, unit, description);
  }

  /** A counter of requests for each value of a label. */
  LlmMetric(String metricName, String label, Scope scope, String description) {
    this(metricName, label, scope, Type.COUNTER, Unit.REQUESTS, description);
  }

  String metricName() {
    return metricName;
  }

  /** Name of the group whose values there is one metric each for. */
  Optional<String> label() {
    return Optional.ofNullable(label);
  }

  Scope scope() {
    return scope;
  }

  Type type() {
    return type;
  }

  Unit unit() {
    return unit;
  }

  String description() {
    return description;
  }

  Counter counterIn(MetricGroup operator) {
    return operator.addGroup(GROUP).counter(metricName);
  }

  /** The counter of one value of its label. */
  Counter counterIn(MetricGroup operator, Enum<?> value) {
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
