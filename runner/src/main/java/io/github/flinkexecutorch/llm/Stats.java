package io.github.flinkexecutorch.llm;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;

/**
 * Times and counts of one generation, under the names of ExecuTorch's runner.
 *
 * <p>Stamps are wall-clock milliseconds since the epoch, 0 where the moment was not reached;
 * differences between the stamps of one generation, its wait in a queue included, and between those
 * of the loading come from a monotonic clock.
 *
 * @param modelLoadStartMs when loading of the model began
 * @param modelLoadEndMs when the model was ready
 * @param queuedMs when the request entered an engine's queue, 0 without one
 * @param inferenceStartMs when this generation began
 * @param tokenEncodeEndMs when the prompt was tokenized
 * @param modelExecutionStartMs when the latest model execution began
 * @param modelExecutionEndMs when the latest model execution ended
 * @param promptEvalEndMs when the whole prompt was in the model
 * @param firstTokenMs when the first token was sampled
 * @param inferenceEndMs when this generation ended
 * @param aggregateSamplingTimeMs sum of all sampling
 * @param aggregateModelExecutionTimeMs sum of all model executions, the prompt's included
 * @param numPromptTokens tokens of this prompt
 * @param numGeneratedTokens tokens sampled, an end-of-sequence token included
 * @param numCachedPromptTokens tokens of this prompt that an engine had computed before and did not
 *     compute again
 * @param numTruncatedPromptTokens tokens that the whole prompt had more, before it was cut to fit
 * @param gpu memory of the accelerator, {@link GpuMemory#ABSENT} without one
 */
public record Stats(
    long modelLoadStartMs,
    long modelLoadEndMs,
    long queuedMs,
    long inferenceStartMs,
    long tokenEncodeEndMs,
    long modelExecutionStartMs,
    long modelExecutionEndMs,
    long promptEvalEndMs,
    long firstTokenMs,
    long inferenceEndMs,
    double aggregateSamplingTimeMs,
    double aggregateModelExecutionTimeMs,
    int numPromptTokens,
    int numGeneratedTokens,
    int numCachedPromptTokens,
    int numTruncatedPromptTokens,
    GpuMemory gpu) {
  private static final int SCALING_FACTOR_UNITS_PER_SECOND = 1000;

  /** Time in the engine's queue before this generation began, in milliseconds. */
  public long queueMs() {
    return between(queuedMs, inferenceStartMs);
  }

  /** From the beginning of this generation to its first token, in milliseconds. */
  public long timeToFirstTokenMs() {
    return between(inferenceStartMs, firstTokenMs);
  }

  /**
   * From the beginning of this generation to the end of the prompt's execution, in milliseconds.
   */
  public long promptEvalMs() {
    return between(inferenceStartMs, promptEvalEndMs);
  }

  /** From the end of the prompt's execution to the end of this generation, in milliseconds. */
  public long decodeMs() {
    return between(promptEvalEndMs, inferenceEndMs);
  }

  /** The whole generation, in milliseconds. */
  public long inferenceMs() {
    return between(inferenceStartMs, inferenceEndMs);
  }

  /** Loading of the model, in milliseconds. */
  public long modelLoadMs() {
    return between(modelLoadStartMs, modelLoadEndMs);
  }

  /** Generated tokens per second of the whole generation; 0 if it took less than a millisecond. */
  public double tokensPerSecond() {
    return perSecond(numGeneratedTokens, inferenceMs());
  }

  /** The statistics as JSON, with the keys and in the order of ExecuTorch's runner. */
  public String toJson() {
    StringBuilder json = new StringBuilder("{");
    if (promptEvalMs() > 0) {
      rate(json, "prefill_token_per_sec", perSecond(numPromptTokens, promptEvalMs()));
    }
    if (decodeMs() > 0) {
      rate(json, "decode_token_per_sec", perSecond(numGeneratedTokens, decodeMs()));
    }
    count(json, "prompt_tokens", numPromptTokens);
    count(json, "generated_tokens", numGeneratedTokens);
    if (numCachedPromptTokens > 0) {
      count(json, "cached_prompt_tokens", numCachedPromptTokens);
    }
    if (numTruncatedPromptTokens > 0) {
      count(json, "truncated_prompt_tokens", numTruncatedPromptTokens);
    }
    count(json, "model_load_start_ms", modelLoadStartMs);
    count(json, "model_load_end_ms", modelLoadEndMs);
    count(json, "inference_start_ms", inferenceStartMs);
    count(json, "inference_end_ms", inferenceEndMs);
    count(json, "model_execution_start_ms", modelExecutionStartMs);
    count(json, "model_execution_end_ms", modelExecutionEndMs);
    count(json, "prompt_eval_end_ms", promptEvalEndMs);
    count(json, "first_token_ms", firstTokenMs);
    count(json, "aggregate_sampling_time_ms", Math.round(aggregateSamplingTimeMs));
    count(json, "aggregate_model_execution_time_ms", Math.round(aggregateModelExecutionTimeMs));
    gpu.print(
        (key, value) -> count(json, key, value), value -> rate(json, "gpu_peak_usage_mb", value));
    count(json, "SCALING_FACTOR_UNITS_PER_SECOND", SCALING_FACTOR_UNITS_PER_SECOND);
    return json.append('}').toString();
  }

  /**
   * The lines that ExecuTorch's runner prints after a generation: the JSON behind {@code
   * PyTorchObserver}, then times in seconds and rates in tokens per second.
   */
  public String report() {
    return StatsReportLines.of(this);
  }

  /**
   * The same statistics of a request that came through an engine's queue.
   *
   * @param waited from its submission to the beginning of its generation, by a monotonic clock
   */
  public Stats withEngine(Duration waited, int numCachedPromptTokens) {
    return new Stats(
        modelLoadStartMs,
        modelLoadEndMs,
        inferenceStartMs - waited.toMillis(),
        inferenceStartMs,
        tokenEncodeEndMs,
        modelExecutionStartMs,
        modelExecutionEndMs,
        promptEvalEndMs,
        firstTokenMs,
        inferenceEndMs,
        aggregateSamplingTimeMs,
        aggregateModelExecutionTimeMs,
        numPromptTokens,
        numGeneratedTokens,
        numCachedPromptTokens,
        numTruncatedPromptTokens,
        gpu);
  }

  private static long between(long start, long end) {
    return start == 0 || end == 0 ? 0 : Math.max(0, end - start);
  }

  private static double perSecond(int tokens, long millis) {
    return millis == 0 ? 0 : tokens * (double) SCALING_FACTOR_UNITS_PER_SECOND / millis;
  }

  private static void count(StringBuilder json, String key, long value) {
    key(json, key).append(value);
  }

  /** Six significant digits, as C++ prints floating-point numbers by default. */
  private static void rate(StringBuilder json, String key, double value) {
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (rounded.signum() == 0 || (exponent >= -4 && exponent < 6)) {
      key(json, key).append(rounded.toPlainString());
      return;
    }
    String mantissa = rounded.movePointLeft(exponent).toPlainString();
    String sign = exponent < 0 ? "-" : "+";
    key(json, key).append(mantissa).append('e').append(sign);
    json.append(Math.abs(exponent) < 10 ? "0" : "").append(Math.abs(exponent));
  }

  private static StringBuilder key(StringBuilder json, String key) {
    return json.append(json.length() == 1 ? "" : ",").append('"').append(key).append("\":");
  }
}
