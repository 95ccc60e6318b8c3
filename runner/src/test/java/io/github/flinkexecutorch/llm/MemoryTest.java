package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.tokenizer.Tokenizer;
import io.github.flinkexecutorch.llm.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * In a JVM of its own, with a fixed and resident heap and without a compiler, whose memory comes
 * and goes by megabytes: so what grows is ours.
 */
@Tag("native")
class MemoryTest {
  private static final int WARM_UP = 300;
  private static final int GENERATIONS = 2000;

  @Test
  void shouldNotGrowOverManyGenerations() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms96m",
                "-Xmx96m",
                "-XX:+AlwaysPreTouch",
                "-Xint",
                "-cp",
                System.getProperty("java.class.path"),
                MemoryTest.class.getName())
            .redirectErrorStream(true)
            .start();

    List<String> lines = process.inputReader().lines().toList();

    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    long before = Long.parseLong(lines.get(lines.size() - 2));
    long after = Long.parseLong(lines.get(lines.size() - 1));
    assertThat(after).as("KiB resident after, %d before", before).isLessThan(before * 105 / 100);
  }

  public static void main(String[] arguments) throws IOException {
    List<Goldens> goldens = Goldens.of(Goldens.OPTIMUM_LLAMA);
    Path folder = Goldens.OPTIMUM_LLAMA;
    try (Tokenizer tokenizer = Tokenizers.load(folder);
        TextLLMRunner runner =
            LLMRunners.createTextLLMRunner(folder.resolve("model.pte"), tokenizer)) {
      generate(runner, goldens, WARM_UP);
      long before = residentKib();
      generate(runner, goldens, GENERATIONS);
      System.out.println(before);
      System.out.println(residentKib());
    }
  }

  private static void generate(TextLLMRunner runner, List<Goldens> goldens, int times) {
    GenerationConfig config = GenerationConfig.greedy().toBuilder().maxNewTokens(8).build();
    for (int i = 0; i < times; i++) {
      Goldens golden = goldens.get(i % goldens.size());
      runner.reset();
      if (!runner
          .generate(golden.prompt(), config)
          .tokens()
          .equals(golden.tokens().subList(0, 8))) {
        throw new IllegalStateException("Generation " + i + " differs from its golden tokens");
      }
    }
  }

  private static long residentKib() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
