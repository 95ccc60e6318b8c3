package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder in which commands run as they do in the repository, and leave their files. The scripts
 * of bin/ find what this build has made, and build nothing.
 */
public record Checkout(Path folder) {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Links to all folders of the repository, and copies of the scripts, in an empty folder. */
  public static Checkout in(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(ROOT, "[!.]*")) {
      for (Path entry : entries) {
        if (!entry.endsWith("bin") && !entry.endsWith("target")) {
          Files.createSymbolicLink(folder.resolve(entry.getFileName()), entry);
        }
      }
    }
    Path bin = Files.createDirectory(folder.resolve("bin"));
    try (DirectoryStream<Path> scripts = Files.newDirectoryStream(ROOT.resolve("bin"))) {
      for (Path script : scripts) {
        Files.copy(script, bin.resolve(script.getFileName()));
      }
    }
    Files.writeString(bin.resolve("build"), "build_when_needed() { :; }\n");
    return new Checkout(folder);
  }

  /** What a command of the shell prints, its standard error among it; it must succeed. */
  public String run(String command) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    shell.getOutputStream().close(); // nobody types
    String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
    assertThat(shell.waitFor()).as("%s%n%s", command, output).isZero();
    return output;
  }
}
