package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Encoder–decoder programs of optimum-executorch against the tokens of its own classes. */
@Tag("native")
class Seq2SeqConformanceTest {
  @ParameterizedTest
  @MethodSource("models")
  void shouldGenerateTheTokensOfTheExportersClasses(MediaModel model) {
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path());
        Seq2SeqRunner runner = LLMRunners.createSeq2SeqRunner(model.program(), tokenizer)) {
      for (Seq2SeqGoldens golden : Seq2SeqGoldens.of(model.path())) {
        GenerationConfig config =
            GenerationConfig.greedy().toBuilder().maxNewTokens(golden.tokens().size()).build();
        GenerationResult result =
            runner.generate(List.of(input(golden)), config, piece -> {}, new Cancellation());
        assertThat(result.tokens()).as("%s of %s", golden, model).isEqualTo(golden.tokens());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldEncodeTheTextsOfTheGoldensToTheirIds(MediaModel model) {
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(model.path())) {
      for (Seq2SeqGoldens golden : Seq2SeqGoldens.of(model.path())) {
        String prompt = golden.prompt() == null ? "" : golden.prompt();
        assertThat(tokenizer.encode(prompt, 0, 0))
            .as("%s of %s", golden, model)
            .containsExactly(golden.ids().toArray(Integer[]::new));
      }
    }
  }

  private static MultimodalInput input(Seq2SeqGoldens golden) {
    return golden.features() == null
        ? MultimodalInput.makeTextInput(golden.prompt())
        : MultimodalInput.makeAudioInput(golden.features());
  }

  static List<MediaModel> models() {
    return MediaModel.runBy("Seq2SeqRunner");
  }
}
