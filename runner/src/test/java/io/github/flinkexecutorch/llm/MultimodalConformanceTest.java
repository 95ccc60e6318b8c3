package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Multimodal programs of official exporters against the tokens of the official runner. */
@Tag("native")
class MultimodalConformanceTest {
  @ParameterizedTest
  @MethodSource("models")
  void shouldGenerateTheTokensOfTheOfficialRunner(MediaModel model) {
    requireSameAnswers(model, Compatibility.FIXED);
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldGenerateTheTokensOfTheOfficialRunnerWithItsQuirks(MediaModel model) {
    requireSameAnswers(model, Compatibility.UPSTREAM);
  }

  /**
   * The official runner cuts no input: its goldens of long prompts are in parts that fit a step.
   */
  @ParameterizedTest
  @MethodSource("modelsWithLongPrompts")
  void shouldAnswerALongPromptInOnePartAsInSeveral(MediaModel model) {
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path());
        MultimodalRunner runner = LLMRunners.createMultimodalRunner(model.program(), tokenizer)) {
      for (MediaGoldens golden : longPrompts(model)) {
        MediaGoldens.Turn turn = golden.turns().get(0);
        int[] ids =
            turn.inputs().stream().flatMapToInt(part -> Arrays.stream(part.getTokens())).toArray();
        runner.reset();
        GenerationResult result =
            runner.generate(
                List.of(MultimodalInput.makeTokenInput(ids)),
                greedy(turn),
                piece -> {},
                new Cancellation());
        assertThat(result.tokens()).as("%s of %s", golden, model).isEqualTo(turn.tokens());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"token_embedding", "text_decoder"})
  void shouldNameTheMethodThatAProgramLacks(String method) {
    requireRefused("without-" + method.replace('_', '-'), method);
  }

  @Test
  void shouldNameDeepFusionWhenLoadingIt() {
    requireRefused("deep-fusion", "deep fusion");
  }

  @Test
  void shouldNameDeepFusionWhenLoadingItAsATextModel() {
    MediaModel model = MediaModel.named("deep-fusion-decoder");
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path());
        TextLLMRunner runner = LLMRunners.createTextLLMRunner(model.program(), tokenizer)) {
      assertThatThrownBy(runner::load)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("deep fusion");
    }
  }

  @ParameterizedTest
  @MethodSource("exported")
  void shouldTellTheKindOfEachProgram(MediaModel model) {
    boolean deepFusion = model.family().contains("Deep fusion") || model.family().contains("3.2");
    assertThat(ModelInspection.of(model.program(), List.of()).kind().runner())
        .isEqualTo(deepFusion ? Optional.empty() : Optional.of(model.runner()));
  }

  @Test
  void shouldListEveryMultimodalFamily() {
    assertThat(MediaModel.all())
        .extracting(MediaModel::family)
        .contains("LLaVA 1.5", "Gemma 3 with images", "SmolVLM", "Voxtral", "Whisper", "T5")
        .anyMatch(family -> family.contains("inside the vocabulary"))
        .anyMatch(family -> family.contains("outside the vocabulary"));
  }

  @Test
  void shouldSayWhyAFamilyDoesNotRun() {
    assertThat(MediaModel.all())
        .allSatisfy(
            model -> {
              boolean runs = model.status().equals("runs");
              boolean exported = !model.status().equals("exporter fails");
              assertThat(model.error() == null).as(model.name()).isEqualTo(runs);
              assertThat(model.folder() != null && Files.exists(model.program()))
                  .as(model.name())
                  .isEqualTo(exported);
            });
  }

  private static void requireSameAnswers(MediaModel model, Compatibility compatibility) {
    RunnerOptions options = RunnerOptions.DEFAULTS.withCompatibility(compatibility);
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path());
        MultimodalRunner runner =
            LLMRunners.createMultimodalRunner(model.program(), tokenizer, options)) {
      for (MediaGoldens golden : MediaGoldens.of(model.path())) {
        runner.reset();
        for (MediaGoldens.Turn turn : golden.turns()) {
          GenerationResult result =
              runner.generate(turn.inputs(), greedy(turn), piece -> {}, new Cancellation());
          assertThat(result.tokens()).as("%s of %s", golden, model).isEqualTo(turn.tokens());
          // The goldens' text leaves special tokens out; like the official runner, we spell them.
          assertThat(result.text().replace("<|bos|>", "").replace("<image>", ""))
              .as("%s of %s", golden, model)
              .isEqualTo(turn.text());
        }
      }
    }
  }

  private static GenerationConfig greedy(MediaGoldens.Turn turn) {
    return GenerationConfig.greedy().toBuilder().maxNewTokens(turn.tokens().size()).build();
  }

  private static List<MediaGoldens> longPrompts(MediaModel model) {
    return MediaGoldens.of(model.path()).stream()
        .filter(golden -> golden.turns().size() == 1)
        .filter(
            golden ->
                golden.turns().get(0).inputs().size() > 1
                    && golden.turns().get(0).inputs().stream().allMatch(MultimodalInput::isTokens))
        .toList();
  }

  private static void requireRefused(String name, String part) {
    MediaModel model = MediaModel.named(name);
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path());
        MultimodalRunner runner = LLMRunners.createMultimodalRunner(model.program(), tokenizer)) {
      assertThatThrownBy(runner::load)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining(part);
    }
  }

  static List<MediaModel> models() {
    return MediaModel.runBy("MultimodalRunner");
  }

  static List<MediaModel> modelsWithLongPrompts() {
    return models().stream().filter(model -> !longPrompts(model).isEmpty()).toList();
  }

  static List<MediaModel> exported() {
    return MediaModel.all().stream().filter(model -> model.folder() != null).toList();
  }
}
