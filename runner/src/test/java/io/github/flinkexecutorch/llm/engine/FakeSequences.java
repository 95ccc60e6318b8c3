package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.llm.FakeTokenizer;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.LLMMetadata;
import io.github.flinkexecutorch.llm.ModelProfile;
import io.github.flinkexecutorch.llm.MultimodalInput;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Makes sequences of a model of 258 tokens that exists on paper only. */
final class FakeSequences {
  private static final BatchedSignature SIGNATURE =
      new BatchedSignature(false, 1, 1, FakeTokenizer.VOCAB_SIZE, 0, 0, 0);

  private final PromptReader reader;
  private long arrivals;

  FakeSequences(int context) {
    LLMMetadata metadata =
        new LLMMetadata(
            context,
            context,
            FakeTokenizer.VOCAB_SIZE,
            FakeTokenizer.BOS,
            Set.of(),
            Set.of(),
            true,
            false,
            true,
            -1,
            -1);
    ModelProfile profile =
        ModelProfile.of(metadata, FakeTokenizer.VOCAB_SIZE, context, new FakeTokenizer(), 0);
    reader = new PromptReader(profile, SIGNATURE, new long[0]);
  }

  /** A sequence that has just arrived. */
  LLMSession next(Object client, int priority, int maxNewTokens, int... prompt) {
    GenerationConfig config =
        GenerationConfig.builder()
            .temperature(0)
            .ignoreEos(true)
            .maxNewTokens(maxNewTokens)
            .build();
    GenerationRequest request =
        GenerationRequest.of("r" + arrivals, "", config)
            .withInputs(List.of(MultimodalInput.makeTokenInput(prompt)))
            .withPriority(priority);
    return reader.read(QueuedRequest.of(request, client, arrivals++));
  }

  LLMSession next(int... prompt) {
    return next("client", 0, 1000, prompt);
  }

  /** A prompt of so many tokens that begins as no prompt with another first token does. */
  static int[] prompt(int first, int length) {
    int[] prompt = new int[length];
    Arrays.setAll(prompt, i -> (first + i) % FakeTokenizer.BOS);
    return prompt;
  }

  /** A row of logits from which this token is chosen. */
  static float[] choosing(int token) {
    float[] logits = new float[FakeTokenizer.VOCAB_SIZE];
    logits[token] = 1;
    return logits;
  }
}
