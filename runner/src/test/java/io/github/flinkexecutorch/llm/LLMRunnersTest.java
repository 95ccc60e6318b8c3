package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
class LLMRunnersTest {
  private static final Path CONFORMANCE = Goldens.OPTIMUM_LLAMA.getParent();

  static List<Arguments> models() {
    return List.of(
        Arguments.of("optimum-llama", TextLLMRunner.class),
        Arguments.of("llama3-prefill-decode", TextLLMRunner.class),
        Arguments.of("llava", MultimodalRunner.class),
        Arguments.of("voxtral", MultimodalRunner.class),
        Arguments.of("whisper", Seq2SeqRunner.class));
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldMakeTheRunnerThatTheModelWants(String name, Class<? extends IRunner> wanted) {
    Path folder = CONFORMANCE.resolve(name);
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(folder);
        IRunner runner =
            LLMRunners.createRunner(
                folder.resolve("model.pte"), tokenizer, RunnerOptions.DEFAULTS)) {
      runner.load();

      assertThat(runner).isInstanceOf(wanted);
    }
  }

  @Test
  void shouldNameAFamilyThatNoRunnerRuns() {
    Path folder = CONFORMANCE.resolve("deep-fusion");
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(Goldens.OPTIMUM_LLAMA)) {
      assertThatThrownBy(
              () ->
                  LLMRunners.createRunner(
                      folder.resolve("model.pte"), tokenizer, RunnerOptions.DEFAULTS))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("deep fusion");
    }
  }
}
