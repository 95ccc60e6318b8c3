package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Holds each command of docs/deployment.md to the files and the jobs that it names. {@link
 * DeploymentCommandsITCase} runs those that go into containers, {@link StandaloneClusterITCase}
 * those for a standalone cluster; no test runs those that need a container engine.
 */
class DeploymentPageTest {

  @Test
  void shouldOnlyTellWhatCanWork() throws IOException {
    List<String> commands = DeploymentPage.read().commands();

    assertThat(commands).hasSizeGreaterThan(12);
    for (String command : commands) {
      check(command);
    }
  }

  @Test
  void shouldTakeAllThatIsIndentedForCommands() throws IOException {
    DeploymentPage page = DeploymentPage.read();
    List<String> commands = page.commands();

    assertThat(page.indented())
        .filteredOn(line -> !line.startsWith("classloader."))
        .allSatisfy(line -> assertThat(commands).anyMatch(command -> command.startsWith(line)));
  }

  @Test
  void shouldSetWhatTheContainersHave() throws IOException {
    Map<String, String> compose = DeploymentFiles.composeConfiguration().toMap();
    JsonNode settings = DeploymentFiles.parseYaml(DeploymentPage.read().settings());

    settings
        .properties()
        .forEach(
            setting ->
                assertThat(setting.getValue().asText())
                    .as(setting.getKey())
                    .startsWith(compose.get(setting.getKey())));
  }

  @Test
  void shouldNameTheJarsOfTheBuild() throws IOException {
    String page = DeploymentPage.read().text();
    String version = DeploymentFiles.projectVersion();

    assertThat(page)
        .contains(
            "sql-connector/target/flink-sql-connector-executorch-" + version + ".jar",
            "jobs/target/flink-executorch-jobs-" + version + "-all.jar",
            "a Flink " + DeploymentFiles.version("flink.version") + " distribution");
    assertThat(DeploymentFiles.text("README.md"))
        .contains(
            "<version>" + version + "</version>",
            "<version>" + DeploymentFiles.version("flink.version") + "</version>");
  }

  private static void check(String command) throws IOException {
    List<String> words = DeploymentFiles.words(command);
    switch (words.get(0)) {
      case "mvn" -> assertThat(command).matches("mvn package -DskipTests( -Pflink-2\\.2)?");
      case "docker" -> checkDocker(words, command);
      case "kubectl" -> assertThat(fileAfter("-f", words)).exists();
      case "cp" -> assertThat(copied()).contains(words.get(1));
      case "bin/flink" -> checkJob(command);
      case "flink" -> assertThat(command).matches("flink (?:stop|run -s) .*");
      case "bin/llm", "bin/prerequisites" ->
          assertThat(DeploymentFiles.ROOT.resolve(words.get(0))).exists();
      case "bin/jobmanager.sh", "bin/taskmanager.sh" ->
          assertThat(words.get(1)).isEqualTo("start-foreground");
      default -> throw new AssertionError("No test knows the command " + command);
    }
  }

  private static void checkDocker(List<String> words, String command) throws IOException {
    switch (words.get(1)) {
      case "build" -> {
        assertThat(fileAfter("-f", words)).exists();
        assertThat(words).contains(deployedImage());
        assertThat(words)
            .filteredOn(word -> word.startsWith("FLINK_VERSION="))
            .allMatch(word -> word.equals("FLINK_VERSION=" + olderFlink()));
      }
      case "push" -> assertThat(words.get(2)).isEqualTo(deployedImage());
      case "compose" -> checkCompose(words.subList(2, words.size()), command);
      default -> throw new AssertionError("No test knows the command " + command);
    }
  }

  private static void checkCompose(List<String> words, String command) throws IOException {
    JsonNode services = DeploymentFiles.yaml("docker-compose.yml").get("services");
    switch (words.get(0)) {
      case "up" -> {
        assertThat(words).contains("-d");
        for (String word : words) {
          if (word.contains("=")) { // of --scale
            assertThat(services.has(word.replaceFirst("=.*", ""))).as(word).isTrue();
          }
        }
      }
      case "down" -> assertThat(words).containsExactly("down", "--volumes");
      case "logs" -> assertThat(services.has(words.get(words.size() - 1))).isTrue();
      case "exec" -> {
        assertThat(services.has(words.get(1))).as(words.get(1)).isTrue();
        if (words.get(2).equals("flink")) {
          checkJob(command);
          assertThat(imageFiles()).contains(jarOf(words));
        } else if (words.get(2).equals("sql-client.sh")) {
          assertThat(imageFiles()).contains(jarOf(words));
        } else {
          assertThat(words.get(2)).startsWith("/opt/kafka/bin/kafka-");
        }
      }
      default -> throw new AssertionError("No test knows the command " + command);
    }
  }

  /** The arguments are those of the job, and the files that they name are in the sample data. */
  private static void checkJob(String command) {
    assertThat(command).contains("-c " + StreamEnrichmentJob.class.getName() + " ");
    List<String> arguments = DeploymentPage.jobArguments(command);
    arguments.replaceAll(word -> word.replace("/models/", "../sample-data/"));
    StreamEnrichmentOptions options =
        StreamEnrichmentOptions.parse(arguments.toArray(String[]::new));
    assertThat(options.model()).exists();
    assertThat(options.inference().toMap()).isNotEmpty(); // reads the file of the template
  }

  /** The version of the profile flink-2.2, the last in the file. */
  private static String olderFlink() {
    try {
      String pom = DeploymentFiles.text("pom.xml");
      int from = pom.lastIndexOf("<flink.version>") + "<flink.version>".length();
      return pom.substring(from, pom.indexOf("<", from));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String jarOf(List<String> words) {
    return words.stream().filter(word -> word.endsWith(".jar")).findFirst().orElseThrow();
  }

  private static Path fileAfter(String flag, List<String> words) {
    return DeploymentFiles.ROOT.resolve(words.get(words.indexOf(flag) + 1));
  }

  private static String deployedImage() throws IOException {
    return DeploymentFiles.yaml("kubernetes/flink-deployment.yaml").at("/spec/image").asText();
  }

  private static List<String> imageFiles() throws IOException {
    return DeploymentFiles.image().stream().map(DeploymentFiles.Copied::target).toList();
  }

  /** Names of the files that the image is made of. */
  private static List<String> copied() throws IOException {
    List<String> names = new ArrayList<>();
    for (DeploymentFiles.Copied copied : DeploymentFiles.image()) {
      names.add(copied.source().getFileName().toString());
    }
    return names;
  }
}
