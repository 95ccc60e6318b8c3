package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the commands of README.md and docs/, and compares what the pages show of their output. */
class DocumentedCommandsITCase {

  /** Commands that another test runs or checks. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "docs/deployment.md: .*", "DeploymentPageTest",
          "docs/batch.md: .*", "BatchPageITCase",
          ".*: flink run .*", "DocumentedCommandsITCase", // its arguments, see below
          ".*: python -m flink_executorch_models.export.*", "test_export",
          ".*: python -m flink_executorch_models.scenes.samples .*", "test_samples");

  /** Commands that no test runs as they stand, each with what comes nearest to it. */
  private static final Map<String, String> NOT_RUN =
      Map.of(
          ".*: (bin/test|models/test|\\.ci/(run|nightly))( .*)?", "this test is a part of them",
          ".*: bin/prerequisites( .*)?", "bin/test calls it first",
          ".*: mvn .*", "bin/test calls Maven with these profiles, to the end",
          ".*: bin/fuzz( TARGET SECONDS)?", "for hours; bin/test runs each target's first inputs",
          ".*: models/[a-z-]+( .*)?", "for up to an hour; what they make is committed and tested",
          "docs/media.md: python -m executorch\\..*",
              "a part of ExecuTorch that is no part of this");

  @TempDir private Path folder;

  static List<DocumentedCommand> here() throws IOException {
    return DocumentedCommand.all().stream()
        .filter(Predicate.not(command -> fits(command, ELSEWHERE) || fits(command, NOT_RUN)))
        .distinct()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("here")
  void shouldDoWhatThePageShows(DocumentedCommand command) throws Exception {
    Checkout checkout = Checkout.in(folder);
    yourOwnFiles();

    String printed = checkout.run(command.text());

    assertThat(printed).isNotBlank();
    assertThat(command.prints(printed)).as("%s%n%s", command, printed).isTrue();
  }

  @Test
  void shouldSubmitJobsWithArgumentsThatTheyKnow() throws IOException {
    for (DocumentedCommand command : DocumentedCommand.all()) {
      if (command.text().startsWith("flink run ")) {
        assertThat(command.text()).contains("-c " + StreamEnrichmentJob.class.getName() + " ");
        List<String> arguments = DeploymentPage.jobArguments(command.text());
        StreamEnrichmentOptions.parse(arguments.toArray(String[]::new));
      }
    }
  }

  @Test
  void shouldNameOnlyTestsThatExist() throws IOException {
    List<String> names;
    try (Stream<Path> python = Files.walk(Path.of("..", "models", "tests"));
        Stream<Path> java = Files.walk(Path.of("src", "test", "java"))) {
      names = Stream.concat(python, java).map(file -> file.getFileName().toString()).toList();
    }
    for (String test : ELSEWHERE.values()) {
      assertThat(names).containsAnyOf(test + ".java", test + ".py");
    }
    for (String pattern : ELSEWHERE.keySet()) {
      assertThat(DocumentedCommand.all()).anyMatch(command -> fits(command, pattern));
    }
    for (String pattern : NOT_RUN.keySet()) {
      assertThat(DocumentedCommand.all()).anyMatch(command -> fits(command, pattern));
    }
  }

  /** Files that pages call by names of the reader's own. */
  private void yourOwnFiles() throws IOException {
    Files.writeString(
        folder.resolve("records.jsonl"), "{\"text\": \"Ticket: It broke.\\nJSON:\"}\n");
    Path tickets = folder.resolve("sample-data/tickets");
    Files.createSymbolicLink(folder.resolve("model.pte"), tickets.resolve("model.pte"));
    Files.createSymbolicLink(folder.resolve("tokenizer.json"), tickets.resolve("tokenizer.json"));
  }

  private static boolean fits(DocumentedCommand command, Map<String, String> patterns) {
    return patterns.keySet().stream().anyMatch(pattern -> fits(command, pattern));
  }

  private static boolean fits(DocumentedCommand command, String pattern) {
    return Pattern.compile(pattern).matcher(command.toString()).matches();
  }
}
