package io.github.flinkexecutorch.jobs;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
      Map.ofEntries(
          entry("docs/deployment.md: docker compose exec kafka .*", "DeploymentCommandsITCase"),
          entry(
              "docs/deployment.md: docker compose exec \\w+ flink .*", "DeploymentCommandsITCase"),
          entry("docs/deployment.md: docker compose exec \\w+ sql-client.*", "SqlClientITCase"),
          entry("docs/deployment.md: flink (stop|run -s) .*", "DeploymentCommandsITCase"),
          entry("docs/deployment.md: cp .*", "StandaloneClusterITCase"),
          entry("docs/deployment.md: bin/(\\w+manager\\.sh|flink) .*", "StandaloneClusterITCase"),
          entry(".*: flink run -c \\S+\\.StreamEnrichmentJob .*", "DeploymentCommandsITCase"),
          entry("docs/batch.md: flink .*", "BatchCommandsITCase"),
          entry("docs/faults.md: flink run -s .*", "KilledProcessesITCase"),
          entry("README.md: mvn install .*", "consumer"),
          entry("docs/dependencies.md: mvn -Psbom .*", "BillOfMaterialsCheck"),
          entry("docs/sql.md: sql-client\\.sh .*", "SqlClientITCase"),
          entry("docs/sql.md: pip install .*", "PyFlinkITCase"),
          entry(
              "README.md: \\.venv/bin/python -m flink_executorch_models.export .*", "test_export"),
          entry(".*: python -m flink_executorch_models.scenes.samples .*", "test_samples"));

  /** Commands that no test runs as they stand, each with what comes nearest to it. */
  private static final Map<String, String> NOT_RUN =
      Map.of(
          ".*: bin/test( .*)?", "this test is a part of it",
          ".*: bin/prerequisites", "bin/test calls it first",
          "README.md: \\./environment .*", "models/test makes its environment so",
          "docs/(engine|media).md: python -m [a-z_.]+", "names of programs",
          "docs/deployment.md: docker (build|push|compose (up|down|logs)) .*",
              "there is no container engine; DeploymentPageTest checks what they name",
          "docs/deployment.md: kubectl .*",
              "there is no Kubernetes; KubernetesFileTest checks the file",
          "docs/captioning.md: flink .*",
              "BulkCaptioningJobITCase goes on from a checkpoint without it",
          "docs/api.md: mvn .*",
              "it would write into the clone; without its flags PublicApiTest compares",
          ".*: mvn package .*", "bin/test and .ci/consumer call Maven as far and further",
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
  void shouldNameOnlyTestsThatExist() throws IOException {
    List<String> names;
    try (Stream<Path> python = Files.walk(Path.of("..", "models", "tests"));
        Stream<Path> java = Files.walk(Path.of("src", "test", "java"));
        Stream<Path> scripts = Files.list(Path.of("..", ".ci"))) {
      names =
          Stream.of(python, java, scripts)
              .flatMap(Function.identity())
              .map(file -> file.getFileName().toString().replaceFirst("\\.(?:java|py)$", ""))
              .toList();
    }
    for (String test : ELSEWHERE.values()) {
      assertThat(names).contains(test);
    }
    List<DocumentedCommand> commands = DocumentedCommand.all();
    for (String pattern :
        Stream.concat(ELSEWHERE.keySet().stream(), NOT_RUN.keySet().stream()).toList()) {
      assertThat(commands).as(pattern).anyMatch(command -> fits(command, pattern));
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
    return Pattern.compile(pattern, Pattern.DOTALL).matcher(command.toString()).matches();
  }
}
