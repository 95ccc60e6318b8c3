package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationConfig;
import java.time.Duration;
import java.util.Objects;

/**
 * One prompt for an {@link InferenceEngine}.
 *
 * @param id the caller's name for it, used in logs and errors; need not be unique
 * @param prompt the whole prompt as the model shall see it
 * @param config how to generate
 * @param timeLimit longest run time of the generation itself, waiting excluded; {@code null} for
 *     none
 */
public record GenerationRequest(
    String id, String prompt, GenerationConfig config, Duration timeLimit) {
  public GenerationRequest {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(config, "config");
  }
}
