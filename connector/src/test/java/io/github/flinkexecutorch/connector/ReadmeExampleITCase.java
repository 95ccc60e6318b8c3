package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the program of the README, as whoever copies it does. */
class ReadmeExampleITCase {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern PROGRAM =
      Pattern.compile("```java\n([^`]*public class (\\w+) [^`]*)```");

  @TempDir private Path folder;

  @Test
  void shouldPrintTheTicket() throws Exception {
    Matcher program = PROGRAM.matcher(Files.readString(ROOT.resolve("README.md")));
    assertThat(program.find()).isTrue();
    String name = program.group(2);
    Path source = Files.writeString(folder.resolve(name + ".java"), program.group(1));

    compile(source);

    assertThat(run(name))
        .contains("\"category\":\"defect\"", "\"Cobalt Headphones\"", "\"648288\"");
  }

  private void compile(Path source) {
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null, messages, messages, "-d", folder.toString(), "-cp", classPath(), "" + source);
    assertThat(result).as(messages.toString(UTF_8)).isZero();
  }

  /** What the program prints, run where the paths of its model lead to one. */
  private String run(String name) throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                folder + ":" + classPath(),
                name)
            .directory(ROOT.toFile())
            .redirectErrorStream(true)
            .start();
    String printed = new String(java.getInputStream().readAllBytes(), UTF_8);
    assertThat(java.waitFor()).as(printed).isZero();
    return printed;
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }
}
