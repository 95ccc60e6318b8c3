package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationConfig;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What one record changes of the operator's generation options; {@code null} keeps the option.
 *
 * @param temperature 0 for greedy, else the divisor of the logits
 * @param topP probability mass to sample from, in (0, 1]
 * @param topK how many of the likeliest tokens to sample from, 0 for all
 * @param maxNewTokens most tokens to generate, -1 for as many as the context holds
 * @param seed seed of the sampler
 * @param stop texts that end the completion, instead of the operator's
 * @param stopTokenIds tokens that end the completion, instead of the operator's
 * @param presencePenalty taken off the score of each token that the completion has already
 * @param frequencyPenalty the same, as often as the completion has it
 * @param repetitionPenalty against tokens of the prompt and the completion, 1 for none
 * @param ignoreEos whether to go on after an end-of-sequence token
 * @param grammar what the completion must match, instead of the operator's
 * @param grammarType {@code json_schema} or {@code regex}, with a grammar
 */
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
@PublicEvolving
public record RequestOverrides(
    Float temperature,
    Float topP,
    Integer topK,
    Integer maxNewTokens,
    Long seed,
    String[] stop,
    int[] stopTokenIds,
    Float presencePenalty,
    Float frequencyPenalty,
    Float repetitionPenalty,
    Boolean ignoreEos,
    String grammar,
    String grammarType) {

  /** Changes nothing. */
  public static final RequestOverrides NONE = new RequestOverrides(null, null, null, null, null);

  /** Of how tokens are sampled, and how many. */
  public RequestOverrides(
      Float temperature, Float topP, Integer topK, Integer maxNewTokens, Long seed) {
    this(
        temperature,
        topP,
        topK,
        maxNewTokens,
        seed,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  /** Sets what is not {@code null}. */
  void applyTo(GenerationConfig.Builder config) {
    set(temperature, config::temperature);
    set(topP, config::topP);
    set(topK, config::topK);
    set(maxNewTokens, config::maxNewTokens);
    set(seed, config::seed);
    set(stop, texts -> config.stop(List.of(texts)));
    set(stopTokenIds, ids -> config.stopTokenIds(Arrays.stream(ids).boxed().toList()));
    set(presencePenalty, config::presencePenalty);
    set(frequencyPenalty, config::frequencyPenalty);
    set(repetitionPenalty, config::repetitionPenalty);
    set(ignoreEos, config::ignoreEos);
    set(grammar, text -> config.grammar(grammarType, text));
  }

  private static <T> void set(T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
