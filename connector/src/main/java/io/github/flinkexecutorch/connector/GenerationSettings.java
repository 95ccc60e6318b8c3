package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * How the operator generates unless a record says otherwise.
 *
 * @param defaults options of a request without overrides; its seed is mixed into each record's
 * @param timeLimit longest run, {@code null} for none
 */
record GenerationSettings(GenerationConfig defaults, Duration timeLimit) implements Serializable {

  /**
   * @throws InvalidRequestException naming the option's field that cannot work
   */
  static GenerationSettings from(ReadableConfig options) {
    Duration timeLimit = options.get(ExecuTorchOptions.TIME_LIMIT);
    return new GenerationSettings(
        GenerationConfig.builder()
            .temperature(options.get(ExecuTorchOptions.TEMPERATURE))
            .topP(options.get(ExecuTorchOptions.TOP_P))
            .topK(options.get(ExecuTorchOptions.TOP_K))
            .maxNewTokens(options.get(ExecuTorchOptions.MAX_NEW_TOKENS))
            .seed(options.get(ExecuTorchOptions.SEED))
            .build(),
        timeLimit.isZero() ? null : timeLimit);
  }

  /**
   * What the engine shall do for a request.
   *
   * @throws InvalidRequestException if the prompt is blank or an override is out of its range
   */
  GenerationRequest requestFor(InferenceRequest request) {
    if (request.prompt().isBlank()) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT,
          "The prompt has no characters but blanks (" + request.prompt().length() + ").");
    }
    return new GenerationRequest(request.id(), request.prompt(), configFor(request), timeLimit);
  }

  private GenerationConfig configFor(InferenceRequest request) {
    RequestOverrides overrides =
        request.overrides() == null ? RequestOverrides.NONE : request.overrides();
    GenerationConfig.Builder config = defaults.toBuilder();
    config.seed(
        overrides.seed() == null ? RecordSeed.of(request.id(), defaults.seed()) : overrides.seed());
    if (overrides.temperature() != null) {
      config.temperature(overrides.temperature());
    }
    if (overrides.topP() != null) {
      config.topP(overrides.topP());
    }
    if (overrides.topK() != null) {
      config.topK(overrides.topK());
    }
    if (overrides.maxNewTokens() != null) {
      config.maxNewTokens(overrides.maxNewTokens());
    }
    return config.build();
  }
}
