package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("native")
class SeedExamplesTest {
  @Test
  void shouldStreamTheAnswerBehindItsPrompt() {
    assertThat(printed(() -> SeedExamples.textRunner(Goldens.TICKETS)))
        .startsWith("Hello, how are you?")
        .hasSizeGreaterThan("Hello, how are you?".length());
  }

  @Test
  void shouldTellInputsApart() {
    assertThat(printed(() -> SeedExamples.safeAccess(MultimodalInput.makeTextInput("four"))))
        .isEqualToIgnoringNewLines("4");
  }

  @Test
  void shouldPrintStatistics() {
    try (Tokenizer tokenizer = LLMRunners.loadTokenizer(Goldens.TICKETS);
        TextLLMRunner runner =
            LLMRunners.createTextLLMRunner(Goldens.TICKETS.resolve("model.pte"), tokenizer)) {
      GenerationConfig config = GenerationConfig.greedy().toBuilder().maxNewTokens(3).build();

      assertThat(printed(() -> SeedExamples.statistics(runner, config)))
          .contains("Model load time: ", "Inference time: ", "Tokens/second: ", "RSS: ");
      assertThat(SeedExamples.metadata(Goldens.TICKETS.resolve("model.pte"), tokenizer).eosIds())
          .isNotEmpty();
    }
  }

  private static String printed(Runnable example) {
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      example.run();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
