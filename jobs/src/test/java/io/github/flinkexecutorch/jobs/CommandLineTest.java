package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.flinkexecutorch.jobs.batch.BatchInferenceJob;
import io.github.flinkexecutorch.jobs.captioning.BulkCaptioningJob;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main method as a process of its own, as a shell sees it. */
class CommandLineTest {

  /** How a process ended and what it printed, both streams together. */
  private record Ended(int exitCode, String output) {}

  @Test
  void shouldExitWithTwoAndOneClearLineWhenArgumentIsWrong() throws Exception {
    Ended job = run("--bootstrap-servers", "localhost:9092", "--modell", "a.pte");

    assertThat(job.exitCode()).as(job.output()).isEqualTo(2);
    assertThat(job.output()).contains("--model", "Try --help.").doesNotContain("\tat ");
  }

  @Test
  void shouldExitWithTwoWhenTemplateIsWrong() throws Exception {
    Ended job =
        run(
            "--bootstrap-servers=localhost:1",
            "--delivery-guarantee=at_least_once",
            "--model=a.pte",
            "--prompt-template=Hello");

    assertThat(job.exitCode()).as(job.output()).isEqualTo(2);
    assertThat(job.output()).contains("{{field}}").doesNotContain("\tat ");
  }

  @Test
  void shouldExitWithTwoWhenArgumentOfCaptioningIsWrong() throws Exception {
    Ended job =
        start(BulkCaptioningJob.class, "/photos", "--model=a.pte", "--output", "/o", "--pro");

    assertThat(job.exitCode()).as(job.output()).isEqualTo(2);
    assertThat(job.output()).contains("--pro", "Try --help.").doesNotContain("\tat ");
  }

  @Test
  void shouldExitWithOneAndOneClearLineWhenCaptioningFails(@TempDir Path folder) throws Exception {
    Files.createFile(folder.resolve("a.jpg"));
    String input = folder.toString();

    Ended job = start(BulkCaptioningJob.class, input, "--model=none.pte", "--output", input + "/o");

    assertThat(job.exitCode()).as(job.output()).isEqualTo(1);
    assertThat(job.output()).contains("none.pte does not exist").doesNotContain("\tat ");
  }

  @Test
  void shouldExitWithTwoWhenFolderOfBatchHasResults(@TempDir Path folder) throws Exception {
    Files.createDirectories(folder.resolve("completions"));
    Files.createFile(folder.resolve("completions/part-0.jsonl"));

    Ended job = start(BatchInferenceJob.class, "/in", "--model=a.pte", "--output=" + folder);

    assertThat(job.exitCode()).as(job.output()).isEqualTo(2);
    assertThat(job.output()).contains("--skip-existing", "Try --help.").doesNotContain("\tat ");
  }

  @Test
  void shouldPrintEveryOptionWhenAskedForHelp() throws Exception {
    Ended help = run("--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.output())
        .contains("--bootstrap-servers", "--prompt-template-file", "--transaction-timeout");
  }

  @Test
  void shouldThrowInsteadOfExitingWhenNotOnFirstThread() {
    CompletableFuture<Throwable> thrown =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                StreamEnrichmentJob.main(new String[] {"--bounded"});
                return null;
              } catch (Exception e) {
                return e;
              }
            });

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> {
              throw thrown.get();
            });
  }

  /** The module options of this JVM, which Flink needs in the other one too. */
  private static List<String> opens() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .toList();
  }

  private static Ended run(String... arguments) throws IOException, InterruptedException {
    return start(StreamEnrichmentJob.class, arguments);
  }

  private static Ended start(Class<?> mainClass, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(opens());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(mainClass.getName());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
