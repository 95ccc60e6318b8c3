package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
class GoldensTest {
  @ParameterizedTest
  @MethodSource("models")
  void shouldGenerateTheTokensOfTheOfficialRunner(Path folder) {
    try (Tokenizer tokenizer = Tokenizers.load(folder);
        TextLLMRunner runner =
            LLMRunners.createTextLLMRunner(folder.resolve("model.pte"), tokenizer)) {
      for (Goldens golden : Goldens.of(folder)) {
        runner.reset();
        GenerationConfig config =
            GenerationConfig.greedy().toBuilder().maxNewTokens(golden.tokens().size()).build();
        GenerationResult result = runner.generate(golden.prompt(), config);
        assertThat(tokenizer.encode(golden.prompt(), 0, 0))
            .as(golden.id())
            .containsExactly(golden.promptTokens().toArray(Integer[]::new));
        assertThat(result.tokens()).as(golden.id()).isEqualTo(golden.tokens());
        // The goldens' text leaves special tokens out; like the official runner, we spell them.
        assertThat(result.text().replace("<|bos|>", "")).as(golden.id()).isEqualTo(golden.text());
      }
    }
  }

  static Stream<Path> models() {
    return Stream.of(Goldens.OPTIMUM_LLAMA, Goldens.TICKETS);
  }
}
