package io.github.flinkexecutorch.jobs.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoITCase {
  private static final int TICKETS = 20;
  private static final int BAD_RECORDS = 5;
  private static final int SCENES = 60;
  private static final int BAD_IMAGES = 3;

  @TempDir private Path folder;

  @Test
  void shouldAccountForEveryRecordAndRepeatItself() throws Exception {
    JsonNode report = run("first", 2);

    assertThat(report.get("recordsIn").asInt()).isEqualTo(TICKETS + BAD_RECORDS);
    assertThat(report.get("completions").asInt()).isEqualTo(TICKETS);
    assertThat(report.get("deadLetters").asInt()).isEqualTo(BAD_RECORDS);
    assertThat(report.get("exactMatch").asDouble()).isGreaterThanOrEqualTo(0.97);
    assertThat(report.get("recordsPerSecond").asDouble()).isPositive();
    assertThat(report.get("tokensPerSecond").asDouble()).isPositive();
    assertThat(report.get("ttftMsP95").asLong())
        .isGreaterThanOrEqualTo(report.get("ttftMsP50").asLong());
    assertThat(report.get("parallelism").asInt()).isEqualTo(2);
    assertThat(report.get("modelDigest").asText()).matches("[0-9a-f]{64}");

    shouldHaveCaptionedTheScenes(folder.resolve("first"));

    run("second", 1, "--no-images");
    assertThat(folder.resolve("second/completions.jsonl"))
        .as("the same bytes at another parallelism")
        .hasSameBinaryContentAs(folder.resolve("first/completions.jsonl"));
    assertThat(Files.readAllLines(folder.resolve("first/dead-letters.jsonl"))).hasSize(BAD_RECORDS);
  }

  @Test
  void shouldCompleteAlikeWithTheStandardProgram() throws Exception {
    run("batched", 2, "--no-images");
    run("standard", 2, "--model=model.pte", "--no-images");
    assertThat(folder.resolve("standard/completions.jsonl"))
        .hasSameBinaryContentAs(folder.resolve("batched/completions.jsonl"));
  }

  @Test
  void shouldCompareTheProgramsOverTicketsSentManyTimes() throws Exception {
    PrintStream terminal = System.out;
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    System.setOut(new PrintStream(screen, true, UTF_8));
    try {
      assertThat(execute("compared", 2, "--compare")).isZero();
    } finally {
      System.setOut(terminal);
    }
    assertThat(screen.toString(UTF_8))
        .contains(10 * TICKETS + " support tickets", "first to last result")
        .contains("Every record is accounted for.")
        .doesNotContain("do not write the same completions");
  }

  private static void shouldHaveCaptionedTheScenes(Path output) throws IOException {
    JsonNode report = new ObjectMapper().readTree(output.resolve("captions-report.json").toFile());
    assertThat(report.get("images").asInt()).isEqualTo(SCENES + BAD_IMAGES);
    assertThat(report.get("captions").asInt()).isEqualTo(SCENES);
    assertThat(report.get("deadLetters").asInt()).isEqualTo(BAD_IMAGES);
    assertThat(report.get("attributesRight").asDouble()).isGreaterThanOrEqualTo(0.9);
    assertThat(report.get("objectsRight").asDouble()).isGreaterThanOrEqualTo(0.9);
    assertThat(report.get("imagesPerSecond").asDouble()).isPositive();
    assertThat(output.resolve("captions").resolve("gallery.html")).isNotEmptyFile();
  }

  private JsonNode run(String name, int parallelism, String... more) throws IOException {
    assertThat(execute(name, parallelism, more)).isZero();
    return new ObjectMapper().readTree(folder.resolve(name).resolve("report.json").toFile());
  }

  private int execute(String name, int parallelism, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--tickets=" + TICKETS);
    arguments.add("--parallelism=" + parallelism);
    arguments.add("--data=../sample-data/tickets");
    arguments.add("--scenes=../sample-data/scenes");
    arguments.add("--output=" + folder.resolve(name));
    return new CommandLine(new Demo()).execute(arguments.toArray(String[]::new));
  }
}
