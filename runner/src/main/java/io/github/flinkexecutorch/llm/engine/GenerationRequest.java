package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.MultimodalInput;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * One prompt for an {@link InferenceEngine}.
 *
 * @param id the caller's name for it, used in logs and errors; need not be unique
 * @param inputs the whole prompt as the model shall see it
 * @param config how to generate
 * @param timeLimit longest run time of the generation itself, waiting excluded; {@code null} for
 *     none
 * @param priority of two waiting requests the one with the higher priority is taken first, and when
 *     memory gets short the lower one has to give way; requests of the same priority take turns
 * @param onText receives the completion piece by piece, in whole characters, on a thread of the
 *     engine; must return soon, because others wait for it
 */
public record GenerationRequest(
    String id,
    List<MultimodalInput> inputs,
    GenerationConfig config,
    Duration timeLimit,
    int priority,
    Consumer<String> onText) {
  public GenerationRequest {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(onText, "onText");
    inputs = List.copyOf(inputs);
  }

  /** A prompt of text, without a priority and without a listener. */
  public GenerationRequest(String id, String prompt, GenerationConfig config, Duration timeLimit) {
    this(id, List.of(MultimodalInput.makeTextInput(prompt)), config, timeLimit, 0, text -> {});
  }

  /** A prompt of text without a time limit. */
  public static GenerationRequest of(String id, String prompt, GenerationConfig config) {
    return new GenerationRequest(id, prompt, config, null);
  }

  /**
   * Makes sure that there is something to continue.
   *
   * @throws InvalidRequestException if all inputs are blank texts
   */
  void requireContent() {
    boolean blank =
        inputs.stream().allMatch(input -> input.tryGetText().filter(String::isBlank).isPresent());
    if (blank) {
      throw new InvalidRequestException(
          Reason.EMPTY_PROMPT, "The prompt is empty or blank; there is nothing to continue");
    }
  }

  /** What to say when its time limit has passed after so many tokens. */
  GenerationTimeoutException timedOut(int promptTokens, int generatedTokens) {
    return new GenerationTimeoutException(
        "Request %s was stopped at its time limit of %d ms, after %d prompt tokens and %d generated"
                .formatted(id, timeLimit.toMillis(), promptTokens, generatedTokens)
            + " ones. Raise the limit or lower maxNewTokens");
  }

  public GenerationRequest withInputs(List<MultimodalInput> inputs) {
    return new GenerationRequest(id, inputs, config, timeLimit, priority, onText);
  }

  public GenerationRequest withConfig(GenerationConfig config) {
    return new GenerationRequest(id, inputs, config, timeLimit, priority, onText);
  }

  public GenerationRequest withPriority(int priority) {
    return new GenerationRequest(id, inputs, config, timeLimit, priority, onText);
  }

  public GenerationRequest withListener(Consumer<String> onText) {
    return new GenerationRequest(id, inputs, config, timeLimit, priority, onText);
  }
}
