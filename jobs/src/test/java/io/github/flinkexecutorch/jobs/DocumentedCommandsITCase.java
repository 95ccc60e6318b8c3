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
          ".*: flink run -c .*", "DocumentedCommandsITCase", // their arguments, see below
          "docs/batch.md: flink stop .*", "BatchRecoveryITCase",
          "README.md: \\.venv/bin/python -m flink_executorch_models.export .*", "test_export",
          ".*: python -m flink_executorch_models.scenes.samples .*", "test_samples");

  /** Commands that no test runs as they stand, each with what comes nearest to it. */
  private static final Map<String, String> NOT_RUN =
      Map.of(
          ".*: bin/test( .*)?", "this test is a part of it",
          ".*: bin/prerequisites", "bin/test calls it first",
          "README.md: \\./environment .*", "models/test makes its environment so",
          "docs/(engine|media).md: python -m [a-z_.]+", "names of programs",
          ".*: mvn .*", "bin/test calls Maven with the same profile",
          ".*: bin/fuzz( TARGET SECONDS)?", "for hours; bin/test runs each target's first inputs");

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
  void shouldSubmitJobsWithArgumentsThatTheyKnow() throws Exception {
    for (DocumentedCommand command : DocumentedCommand.all()) {
      if (command.text().startsWith("flink run -c ")) {
        List<String> words = words(command.text());
        assertThat(words.get(3)).isEqualTo(StreamEnrichmentJob.class.getName());
        assertThat(words.get(4)).matches("flink-executorch-jobs-.*-all\\.jar");
        StreamEnrichmentOptions.parse(words.subList(5, words.size()).toArray(String[]::new));
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
    List<DocumentedCommand> commands = DocumentedCommand.all();
    for (String pattern :
        Stream.concat(ELSEWHERE.keySet().stream(), NOT_RUN.keySet().stream()).toList()) {
      assertThat(commands).as(pattern).anyMatch(command -> fits(command, pattern));
    }
  }

  /** As a shell splits a command. */
  private List<String> words(String command) throws Exception {
    return List.of(new Checkout(folder).run("printf '%s\\0' " + command).split("\0"));
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
    return Pattern.compile(pattern, Pattern.DOTALL).matcher(command.toString()).matches();
  }
}
