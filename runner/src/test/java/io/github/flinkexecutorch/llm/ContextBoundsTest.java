package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ends of a real model's context of 256 positions. */
@Tag("native")
class ContextBoundsTest {
  private static final int CONTEXT = 256;
  private static final GenerationConfig ENDLESS =
      GenerationConfig.greedy().toBuilder().ignoreEos(true).build();

  @ParameterizedTest
  @CsvSource({"256, 1", "255, 1", "254, 2", "200, 56"})
  void shouldEndWithLengthWhereTheContextEnds(int prompt, int generated) {
    try (Tokenizer tokenizer = Tokenizers.load(Goldens.TICKETS);
        TextLLMRunner runner = runner(tokenizer)) {
      GenerationResult result = generate(runner, prompt);

      assertThat(result.tokens()).hasSize(generated);
      assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
    }
  }

  @Test
  void shouldRefuseOneTokenMoreAndGoOn() {
    try (Tokenizer tokenizer = Tokenizers.load(Goldens.TICKETS);
        TextLLMRunner runner = runner(tokenizer)) {
      assertThatThrownBy(() -> generate(runner, CONTEXT + 1))
          .isInstanceOfSatisfying(
              InvalidRequestException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.CONTEXT_OVERFLOW))
          .hasMessageContainingAll("257", "256");

      assertThat(generate(runner, CONTEXT - 2).tokens()).hasSize(2);
    }
  }

  private static TextLLMRunner runner(Tokenizer tokenizer) {
    return LLMRunners.createTextLLMRunner(Goldens.TICKETS.resolve("model.pte"), tokenizer);
  }

  private static GenerationResult generate(TextLLMRunner runner, int tokens) {
    int[] ids = new int[tokens];
    Arrays.fill(ids, 10);
    MultimodalInput prompt = MultimodalInput.makeTokenInput(ids);
    return runner.generate(List.of(prompt), ENDLESS, text -> {}, new Cancellation());
  }
}
