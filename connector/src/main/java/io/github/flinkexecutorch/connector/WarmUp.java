package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.MultimodalInput;
import io.github.flinkexecutorch.llm.engine.GenerationRequest;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Lets an engine do once what it will do often, so that the first record does not pay for it. */
final class WarmUp {
  /** The first one comes from the prompt's execution, the second one from one of its own. */
  private static final int NEW_TOKENS = 2;

  private static final GenerationConfig CONFIG =
      GenerationConfig.builder()
          .temperature(0)
          .maxNewTokens(NEW_TOKENS)
          .ignoreEos(true)
          .warming(true)
          .build();

  private WarmUp() {}

  /**
   * Generates behind a prompt of each of these lengths, one after the other.
   *
   * @throws ExecutionException if the model cannot do that
   */
  static void run(InferenceEngine engine, List<Integer> promptTokens)
      throws InterruptedException, ExecutionException {
    for (int tokens : promptTokens) {
      MultimodalInput prompt = MultimodalInput.makeTokenInput(new int[tokens]);
      engine
          .submit(new GenerationRequest("warm-up", "", CONFIG, null).withInputs(List.of(prompt)))
          .get();
    }
  }
}
