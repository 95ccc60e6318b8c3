package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How to generate from one prompt. Values that cannot work are refused on construction, with {@link
 * Reason#INVALID_PARAMETER} and the name of the field.
 *
 * @param maxNewTokens most tokens to generate, -1 for as many as the context holds
 * @param seqLen most tokens of prompt and completion together, -1 for the model's context
 * @param temperature 0 picks the likeliest token; higher values flatten the distribution
 * @param topP with a temperature: sample from the smallest set of likeliest tokens whose
 *     probabilities exceed this sum; 1 samples from all
 * @param topK with a temperature: sample from this many likeliest tokens instead of by {@code
 *     topP}; 0 switches it off
 * @param seed start of the sampler's random sequence; equal requests with equal seeds give equal
 *     completions
 * @param echo whether the streaming callback receives the prompt first
 * @param ignoreEos whether to go on after an end-of-sequence token
 * @param stopTokenIds token ids that end the generation, besides those of the model and the
 *     tokenizer
 * @param numBos beginning-of-sequence tokens in front of the prompt
 * @param numEos end-of-sequence tokens behind the prompt
 * @param warming whether this run only warms the model up, so that its statistics are not logged
 * @param repetitionPenalty divides the positive scores of tokens that the prompt or the completion
 *     holds, and multiplies their negative ones (CTRL, Keskar et al. 2019); 1 switches it off
 * @param presencePenalty taken off the score of each token that the completion holds, from -2 to 2
 * @param frequencyPenalty taken off the score of each token as often as the completion holds it,
 *     from -2 to 2
 * @param logitBias added to the scores of these token ids after the penalties; negative infinity
 *     bans a token
 * @param stop texts that end the generation; the completion ends before the first of them
 * @param logprobs whether the result tells how likely the model found each chosen token
 * @param grammar what the completion must match, in the form of {@code grammarType}; empty for
 *     anything
 * @param grammarType {@code json_schema} or {@code regex} where there is a grammar, else empty
 * @param contextOverflow what becomes of a prompt that does not fit the context, or does not leave
 *     room for {@code maxNewTokens} in it
 */
public record GenerationConfig(
    int maxNewTokens,
    int seqLen,
    float temperature,
    float topP,
    int topK,
    long seed,
    boolean echo,
    boolean ignoreEos,
    List<Integer> stopTokenIds,
    int numBos,
    int numEos,
    boolean warming,
    float repetitionPenalty,
    float presencePenalty,
    float frequencyPenalty,
    Map<Integer, Float> logitBias,
    List<String> stop,
    boolean logprobs,
    String grammar,
    String grammarType,
    ContextOverflow contextOverflow)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** More special tokens than any model asks for; bounds what a request can make us allocate. */
  private static final int MAX_SPECIAL_TOKENS = 16;

  private static final int MAX_BIASES = 1024;
  private static final int MAX_STOPS = 64;
  private static final int MAX_STOP_LENGTH = 1024;

  public GenerationConfig {
    require(
        maxNewTokens == -1 || maxNewTokens >= 1,
        "maxNewTokens",
        ">= 1, or -1 for no limit",
        maxNewTokens);
    require(seqLen == -1 || seqLen >= 1, "seqLen", ">= 1, or -1 for the context", seqLen);
    require(
        temperature >= 0 && Float.isFinite(temperature),
        "temperature",
        "a finite number >= 0 (0 picks the likeliest token)",
        temperature);
    require(topP > 0 && topP <= 1, "topP", "above 0 and at most 1", topP);
    require(topK >= 0, "topK", ">= 0 (0 switches it off)", topK);
    require(
        numBos >= 0 && numBos <= MAX_SPECIAL_TOKENS,
        "numBos",
        "0 to " + MAX_SPECIAL_TOKENS,
        numBos);
    require(
        numEos >= 0 && numEos <= MAX_SPECIAL_TOKENS,
        "numEos",
        "0 to " + MAX_SPECIAL_TOKENS,
        numEos);
    stopTokenIds = List.copyOf(stopTokenIds);
    for (int id : stopTokenIds) {
      require(id >= 0, "stopTokenIds", "token ids >= 0", id);
    }
    require(
        repetitionPenalty > 0 && Float.isFinite(repetitionPenalty),
        "repetitionPenalty",
        "a finite number above 0 (1 switches it off)",
        repetitionPenalty);
    require(Math.abs(presencePenalty) <= 2, "presencePenalty", "from -2 to 2", presencePenalty);
    require(Math.abs(frequencyPenalty) <= 2, "frequencyPenalty", "from -2 to 2", frequencyPenalty);
    logitBias = Map.copyOf(logitBias);
    require(logitBias.size() <= MAX_BIASES, "logitBias", "at most " + MAX_BIASES, logitBias.size());
    logitBias.forEach(
        (id, bias) -> {
          require(id >= 0, "logitBias", "by token ids >= 0", id);
          require(bias < Float.POSITIVE_INFINITY, "logitBias", "numbers below infinity", bias);
        });
    stop = List.copyOf(stop);
    require(stop.size() <= MAX_STOPS, "stop", "at most " + MAX_STOPS + " texts", stop.size());
    for (String text : stop) {
      require(
          !text.isEmpty() && text.length() <= MAX_STOP_LENGTH,
          "stop",
          "texts of 1 to " + MAX_STOP_LENGTH + " characters",
          text.length());
      require(
          StandardCharsets.UTF_8.newEncoder().canEncode(text),
          "stop",
          "texts of whole characters, without a surrogate alone",
          text.length());
    }
    if (grammar.isEmpty() != grammarType.isEmpty()) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER,
          "grammar and grammarType must be given together; only "
              + (grammar.isEmpty() ? "grammarType" : "grammar")
              + " is");
    }
    Objects.requireNonNull(contextOverflow, "contextOverflow");
  }

  /** The defaults: temperature 0.8, topP 0.9, no limit but the context, no echo. */
  public static GenerationConfig defaults() {
    return builder().build();
  }

  /** The likeliest token each time. */
  public static GenerationConfig greedy() {
    return builder().temperature(0).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * How many tokens may still be generated.
   *
   * @param contextLength tokens that the model's context holds
   * @param occupied tokens that it holds already
   * @return 0 or more; 0 if nothing fits
   */
  public int resolveMaxNewTokens(int contextLength, int occupied) {
    int limit = seqLen == -1 ? contextLength : Math.min(seqLen, contextLength);
    int room = Math.max(0, limit - occupied);
    return maxNewTokens == -1 ? room : Math.min(maxNewTokens, room);
  }

  private static void require(boolean valid, String field, String rule, Number value) {
    if (!valid) {
      throw new InvalidRequestException(
          Reason.INVALID_PARAMETER, field + " must be " + rule + "; got " + value);
    }
  }

  /** Collects the values of a {@link GenerationConfig}; not safe for use by several threads. */
  public static final class Builder {
    private int maxNewTokens = -1;
    private int seqLen = -1;
    private float temperature = 0.8f;
    private float topP = 0.9f;
    private int topK;
    private long seed;
    private boolean echo;
    private boolean ignoreEos;
    private List<Integer> stopTokenIds = List.of();
    private int numBos;
    private int numEos;
    private boolean warming;
    private float repetitionPenalty = 1;
    private float presencePenalty;
    private float frequencyPenalty;
    private Map<Integer, Float> logitBias = Map.of();
    private List<String> stop = List.of();
    private boolean logprobs;
    private String grammar = "";
    private String grammarType = "";
    private ContextOverflow contextOverflow = ContextOverflow.FAIL;

    private Builder() {}

    private Builder(GenerationConfig config) {
      maxNewTokens = config.maxNewTokens;
      seqLen = config.seqLen;
      temperature = config.temperature;
      topP = config.topP;
      topK = config.topK;
      seed = config.seed;
      echo = config.echo;
      ignoreEos = config.ignoreEos;
      stopTokenIds = config.stopTokenIds;
      numBos = config.numBos;
      numEos = config.numEos;
      warming = config.warming;
      repetitionPenalty = config.repetitionPenalty;
      presencePenalty = config.presencePenalty;
      frequencyPenalty = config.frequencyPenalty;
      logitBias = config.logitBias;
      stop = config.stop;
      logprobs = config.logprobs;
      grammar = config.grammar;
      grammarType = config.grammarType;
      contextOverflow = config.contextOverflow;
    }

    public Builder maxNewTokens(int value) {
      maxNewTokens = value;
      return this;
    }

    public Builder seqLen(int value) {
      seqLen = value;
      return this;
    }

    public Builder temperature(float value) {
      temperature = value;
      return this;
    }

    public Builder topP(float value) {
      topP = value;
      return this;
    }

    public Builder topK(int value) {
      topK = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public Builder echo(boolean value) {
      echo = value;
      return this;
    }

    public Builder ignoreEos(boolean value) {
      ignoreEos = value;
      return this;
    }

    public Builder stopTokenIds(List<Integer> value) {
      stopTokenIds = List.copyOf(value);
      return this;
    }

    public Builder numBos(int value) {
      numBos = value;
      return this;
    }

    public Builder numEos(int value) {
      numEos = value;
      return this;
    }

    public Builder warming(boolean value) {
      warming = value;
      return this;
    }

    public Builder repetitionPenalty(float value) {
      repetitionPenalty = value;
      return this;
    }

    public Builder presencePenalty(float value) {
      presencePenalty = value;
      return this;
    }

    public Builder frequencyPenalty(float value) {
      frequencyPenalty = value;
      return this;
    }

    public Builder logitBias(Map<Integer, Float> value) {
      logitBias = Map.copyOf(value);
      return this;
    }

    public Builder stop(String... value) {
      return stop(List.of(value));
    }

    public Builder stop(List<String> value) {
      stop = List.copyOf(value);
      return this;
    }

    public Builder logprobs(boolean value) {
      logprobs = value;
      return this;
    }

    /** What the completion must match, and in which form: {@code json_schema} or {@code regex}. */
    public Builder grammar(String type, String value) {
      grammarType = type;
      grammar = value;
      return this;
    }

    public Builder contextOverflow(ContextOverflow value) {
      contextOverflow = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws InvalidRequestException naming the first field whose value cannot work
     */
    public GenerationConfig build() {
      return new GenerationConfig(
          maxNewTokens,
          seqLen,
          temperature,
          topP,
          topK,
          seed,
          echo,
          ignoreEos,
          stopTokenIds,
          numBos,
          numEos,
          warming,
          repetitionPenalty,
          presencePenalty,
          frequencyPenalty,
          logitBias,
          stop,
          logprobs,
          grammar,
          grammarType,
          contextOverflow);
    }
  }
}
