package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The programs of Prometheus, as this system's release has them. */
final class PrometheusPackage {
  private static final Path FILES = Path.of("target", "prometheus").toAbsolutePath();

  private PrometheusPackage() {}

  /** Runs the tool for rules and configurations, which must find no fault; what it says. */
  static String promtool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program("promtool")));
    command.addAll(List.of(arguments));
    Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(tool.getInputStream().readAllBytes(), UTF_8);
    if (tool.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + " says:\n" + said);
    }
    return said;
  }

  /** The path of one of them, fetched first where it is not there. */
  static String program(String name) throws IOException, InterruptedException {
    Process fetch =
        new ProcessBuilder("bash", "src/test/bash/fetch-prometheus", FILES.toString())
            .inheritIO()
            .start();
    if (fetch.waitFor() != 0) {
      throw new AssertionError("Prometheus cannot be fetched, see above");
    }
    return FILES.resolve("usr/bin").resolve(name).toString();
  }
}
