package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/**
 * What one record changes of the operator's generation options; {@code null} keeps the option.
 *
 * @param temperature 0 for greedy, else the divisor of the logits
 * @param topP probability mass to sample from, in (0, 1]
 * @param topK how many of the likeliest tokens to sample from, 0 for all
 * @param maxNewTokens most tokens to generate, -1 for as many as the context holds
 * @param seed seed of the sampler
 */
@PublicEvolving
public record RequestOverrides(
    Float temperature, Float topP, Integer topK, Integer maxNewTokens, Long seed) {

  /** Changes nothing. */
  public static final RequestOverrides NONE = new RequestOverrides(null, null, null, null, null);
}
