package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class SeedExamplesTest {
  @Test
  void shouldStreamTheAnswerBehindItsPrompt() {
    assertThat(printed(() -> SeedExamples.textRunner(Goldens.TICKETS)))
        .startsWith("Hello, how are you?")
        .hasSizeGreaterThan("Hello, how are you?".length());
  }

  @Test
  void shouldDescribeAnImage(@TempDir Path folder) throws IOException {
    Path llava = Goldens.OPTIMUM_LLAMA.resolveSibling("llava");
    for (String file : List.of("model.pte", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(llava.resolve(file), folder.resolve(file));
    }
    Files.writeString(
        folder.resolve("preprocessor_config.json"),
        """
        {"size": {"height": 32, "width": 32}, "do_resize": true, "do_center_crop": false,
         "do_rescale": false, "do_normalize": false}
        """);
    Path photo = Path.of("src/test/resources/images/420.jpg");

    assertThat(printed(() -> SeedExamples.multimodalRunner(folder, photo)))
        .startsWith("What do you see in this image?")
        .containsPattern("\\nGenerated \\d+ tokens");
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
