package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  @ParameterizedTest
  @MethodSource("refused")
  void shouldRefuseAProgramThatIsNoEarlyFusion(MediaModel model) {
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path());
        MultimodalRunner runner = LLMRunners.createMultimodalRunner(model.program(), tokenizer)) {
      assertThatThrownBy(runner::load)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining(
              model.name().equals("without-token-embedding") ? "token_embedding" : "text_decoder");
    }
  }

  @Test
  void shouldRefuseDeepFusionAsATextModel() {
    MediaModel model = named("deep-fusion-decoder");
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path());
        TextLLMRunner runner = LLMRunners.createTextLLMRunner(model.program(), tokenizer)) {
      assertThatThrownBy(runner::load)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("forward");
    }
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
          GenerationConfig config =
              GenerationConfig.greedy().toBuilder().maxNewTokens(turn.tokens().size()).build();
          GenerationResult result =
              runner.generate(turn.inputs(), config, piece -> {}, new Cancellation());
          assertThat(result.tokens()).as("%s of %s", golden, model).isEqualTo(turn.tokens());
          // The goldens' text leaves special tokens out; like the official runner, we spell them.
          assertThat(result.text().replace("<|bos|>", "").replace("<image>", ""))
              .as("%s of %s", golden, model)
              .isEqualTo(turn.text());
        }
      }
    }
  }

  private static MediaModel named(String name) {
    return MediaModel.all().stream()
        .filter(model -> model.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static List<MediaModel> models() {
    return MediaModel.runBy("MultimodalRunner");
  }

  static List<MediaModel> refused() {
    return MediaModel.all().stream()
        .filter(
            model ->
                model.status().equals("not supported") && model.runner().equals("MultimodalRunner"))
        .toList();
  }
}
