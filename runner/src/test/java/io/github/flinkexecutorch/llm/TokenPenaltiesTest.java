package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenPenaltiesTest {
  private static final GenerationConfig.Builder PLAIN = GenerationConfig.greedy().toBuilder();

  @Test
  void shouldDivideAndMultiplyTheScoresOfTheWholeContext() {
    var config = GenerationConfig.greedy().toBuilder().repetitionPenalty(2).build();

    assertThat(processed(config, new float[] {4, -4, 4, -4}, 3, 0, 1))
        .containsExactly(2, -8, 4, -8);
  }

  @Test
  void shouldTakeOffOnceForPresenceAndEachTimeForFrequency() {
    var config =
        GenerationConfig.greedy().toBuilder().presencePenalty(1).frequencyPenalty(0.5f).build();
    var penalties = new TokenPenalties(config, bits(0));
    penalties.accept(1);
    penalties.accept(2);
    penalties.accept(2);
    var logits = new float[] {5, 5, 5};

    penalties.process(logits);

    assertThat(logits).containsExactly(5, 3.5f, 3);
  }

  @Test
  void shouldAddBiasesAndBan() {
    var config =
        GenerationConfig.greedy().toBuilder()
            .logitBias(Map.of(0, 2f, 1, Float.NEGATIVE_INFINITY, 99, 1f))
            .build();

    assertThat(processed(config, new float[] {1, 1, 1}))
        .containsExactly(3, Float.NEGATIVE_INFINITY, 1);
  }

  @Test
  void shouldBeNeededOnlyWhereSomethingChanges() {
    assertThat(TokenPenalties.neededFor(PLAIN.build())).isFalse();
    assertThat(
            TokenPenalties.neededFor(
                GenerationConfig.greedy().toBuilder().presencePenalty(1).build()))
        .isTrue();
  }

  @Test
  void shouldCountPromptTokensInAGeneration() {
    // Without the penalty 'a' would win for ever: it has 2, 'b' has 1.5.
    var module =
        FakeModule.scripted(
            sequence -> {
              float[] logits = new float[FakeTokenizer.VOCAB_SIZE];
              logits['a'] = 2;
              logits['b'] = 1.5f;
              return logits;
            });
    var config =
        GenerationConfig.greedy().toBuilder().repetitionPenalty(1.5f).maxNewTokens(3).build();

    var result = new TextLLMRunner(module, new FakeTokenizer()).generate("a", config);

    assertThat(result.text()).isEqualTo("baa"); // 2/1.5 < 1.5, then both are penalized
  }

  @Test
  void shouldTellLogProbabilitiesOfTheModelItself() {
    var module = FakeModule.repeating('a'); // 8 for 'a', 0 for the 257 others
    var config =
        GenerationConfig.greedy().toBuilder()
            .logitBias(Map.of((int) 'b', 100f))
            .logprobs(true)
            .maxNewTokens(1)
            .build();

    var result = new TextLLMRunner(module, new FakeTokenizer()).generate("x", config);

    assertThat(result.text()).isEqualTo("b");
    assertThat(result.logprobs()).hasSize(1);
    assertThat(result.logprobs().get(0))
        .isEqualTo((float) -Math.log(Math.exp(8) + FakeTokenizer.VOCAB_SIZE - 1));
  }

  @Test
  void shouldTellNoLogProbabilitiesUnlessAsked() {
    var config = PLAIN.maxNewTokens(2).build();

    assertThat(
            new TextLLMRunner(FakeModule.repeating('a'), new FakeTokenizer())
                .generate("x", config)
                .logprobs())
        .isEmpty();
  }

  private static float[] processed(GenerationConfig config, float[] logits, int... context) {
    new TokenPenalties(config, bits(context)).process(logits);
    return logits;
  }

  private static BitSet bits(int... ids) {
    BitSet bits = new BitSet();
    for (int id : ids) {
      bits.set(id);
    }
    return bits;
  }
}
