package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another JVM, for what could end this one or what can be set once in a process only. */
final class ChildJvm {
  /** What a child left behind: 0 is a normal end, 134 an abort. */
  record Result(int exitCode, String output) {}

  private ChildJvm() {}

  /** Runs a class with a {@code main} on this test's class path. */
  static Result run(Class<?> main, List<String> options, String... arguments) throws Exception {
    return run(List.of(), System.getProperty("java.class.path"), main, options, arguments);
  }

  /** The same where the folder has room for so many KiB only. */
  static Result runOnSmallDisk(Path folder, int kilobytes, Class<?> main, String... arguments)
      throws Exception {
    String script = "src/test/bash/on-small-disk";
    return run(
        List.of("bash", script, folder.toString(), String.valueOf(kilobytes)),
        System.getProperty("java.class.path"),
        main,
        List.of("-XX:-UsePerfData"),
        arguments);
  }

  /** The same without some entries of the class path. */
  static Result runWithout(String excluded, Class<?> main, String... arguments) throws Exception {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1))
            .filter(entry -> !entry.contains(excluded))
            .collect(Collectors.joining(java.io.File.pathSeparator));
    return run(List.of(), classPath, main, List.of(), arguments);
  }

  private static Result run(
      List<String> wrapper,
      String classPath,
      Class<?> main,
      List<String> options,
      String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException("Child JVM does not end: " + command);
    }
    return new Result(process.exitValue(), output);
  }
}
