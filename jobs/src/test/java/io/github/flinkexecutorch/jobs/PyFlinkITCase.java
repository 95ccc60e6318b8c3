package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program of docs/sql.md in PyFlink of the version under test, with the jar that is for SQL.
 */
class PyFlinkITCase {
  private static final Pattern PROGRAM =
      Pattern.compile(
          "## From Python.*?```python\n(.*?)\n```.*?```text\n(.*?)\n```", Pattern.DOTALL);

  @TempDir private Path folder;

  @Test
  void shouldCompleteTicketsFromPython() throws Exception {
    Matcher page = PROGRAM.matcher(Files.readString(Path.of("../docs/sql.md")));
    assertThat(page.find()).isTrue();
    Path program = Files.writeString(folder.resolve("tickets.py"), here(page.group(1)));
    Path output = folder.resolve("stdout");
    Path errors = folder.resolve("stderr");
    ProcessBuilder python =
        new ProcessBuilder("python3", program.toString())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    python.environment().putAll(environment());
    Process process = python.start();
    try {
      boolean ended = process.waitFor(10, TimeUnit.MINUTES);
      assertThat(ended).as(Files.readString(errors)).isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }

    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    assertThat(Files.readString(output).lines().map(String::stripTrailing))
        .containsExactlyElementsOf(page.group(2).lines().toList());
  }

  private Map<String, String> environment() throws IOException, InterruptedException {
    String version = EnvironmentInformation.getVersion();
    Path packages = Path.of("target", "pyflink", version).toAbsolutePath();
    Files.createDirectories(packages.getParent());
    Process fetch =
        new ProcessBuilder("bash", "src/test/bash/fetch-pyflink", version, packages.toString())
            .inheritIO()
            .start();
    assertThat(fetch.waitFor()).isZero();
    return Map.of(
        "PYTHONPATH", packages.toString(),
        "FLINK_HOME", FlinkDistribution.fetch().home().toString(),
        "FLINK_LOG_DIR", folder.toString(),
        "JAVA_HOME", System.getProperty("java.home"),
        // Else it starts a server for functions in Python, of which there are none.
        "_python_worker_execution_mode", "process");
  }

  /** The program with the places of this machine. */
  private static String here(String program) throws IOException {
    Path tickets = Path.of("../sample-data/tickets").toAbsolutePath().normalize();
    return program
        .replace(
            "file:///opt/flink/flink-sql-connector-executorch-0.1.0-SNAPSHOT.jar",
            "file://" + jar())
        .replace("/models/tickets", tickets.toString());
  }

  private static Path jar() throws IOException {
    Path target = Path.of("../sql-connector/target");
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(target, "flink-sql-connector-executorch-*.jar")) {
      return jars.iterator().next().toAbsolutePath().normalize();
    }
  }
}
