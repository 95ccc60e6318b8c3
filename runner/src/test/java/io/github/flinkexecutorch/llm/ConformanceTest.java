package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.ConformanceModel.Conversation;
import io.github.flinkexecutorch.llm.ConformanceModel.Turn;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs of the official exporters against the tokens of the official runner. */
@Tag("native")
class ConformanceTest {
  @ParameterizedTest
  @MethodSource("models")
  void shouldGenerateTheTokensOfTheOracle(ConformanceModel model) {
    requireSameAnswers(model, model.conversations(), Compatibility.FIXED);
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldGenerateTheTokensOfTheOfficialRunnerWithItsQuirks(ConformanceModel model) {
    List<Conversation> official =
        model.conversations().stream().filter(Conversation::official).toList();
    requireSameAnswers(model, official, Compatibility.UPSTREAM);
  }

  @Test
  void shouldHaveAKernelForEveryOperator() {
    assertThat(ConformanceModel.of("text.json"))
        .extracting(ConformanceModel::lacks)
        .containsOnlyNulls();
  }

  @Test
  void shouldListEveryTextFamily() {
    assertThat(ConformanceModel.of("text.json"))
        .extracting(ConformanceModel::family)
        .contains(
            "Llama 2",
            "Code Llama",
            "Llama 3",
            "Qwen 2.5",
            "Qwen 3",
            "Phi-3",
            "Phi-4-mini",
            "Gemma 3 text",
            "SmolLM 2",
            "SmolLM 3",
            "GPT-2");
  }

  private static void requireSameAnswers(
      ConformanceModel model, List<Conversation> conversations, Compatibility compatibility) {
    RunnerOptions options =
        RunnerOptions.DEFAULTS.withDataFiles(model.dataFiles()).withCompatibility(compatibility);
    Path program = model.path().resolve("model.pte");
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path());
        TextLLMRunner runner = LLMRunners.createTextLLMRunner(program, tokenizer, options)) {
      for (Conversation conversation : conversations) {
        runner.reset();
        for (Turn turn : conversation.turns()) {
          requireSamePrompt(conversation.id(), turn, tokenizer);
          requireSameAnswer(conversation.id(), turn, runner, compatibility);
        }
      }
    }
  }

  private static void requireSamePrompt(String id, Turn turn, Tokenizer tokenizer) {
    if (turn.promptTokens() != null) {
      assertThat(tokenizer.encode(turn.prompt(), 0, 0))
          .as(id)
          .containsExactly(turn.promptTokens().toArray(Integer[]::new));
    }
  }

  private static void requireSameAnswer(
      String id, Turn turn, TextLLMRunner runner, Compatibility compatibility) {
    if (turn.maxNewTokens() == 0) {
      runner.prefill(turn.prompt(), GenerationConfig.greedy());
      return;
    }
    GenerationConfig config =
        GenerationConfig.greedy().toBuilder().maxNewTokens(turn.maxNewTokens()).build();
    GenerationResult result = runner.generate(turn.prompt(), config);
    assertThat(result.tokens()).as(id).isEqualTo(turn.tokens());
    if (turn.text() != null && compatibility == Compatibility.FIXED) {
      // The goldens' text leaves special tokens out; like the official runner, we spell them.
      assertThat(result.text().replace("<|bos|>", "")).as(id).isEqualTo(turn.text());
    }
  }

  static Stream<ConformanceModel> models() {
    return ConformanceModel.of("text.json").stream().filter(ConformanceModel::runs);
  }
}
