package io.github.flinkexecutorch.llm.engine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM, for what could end this one or what can be set once in a process only. */
final class ChildJvm {
  /** What a child left behind: 0 is a normal end, 134 an abort. */
  record Result(int exitCode, String output) {
    String lastLine() {
      List<String> lines = output.lines().toList();
      return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }
  }

  private final Process process;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /** Starts a class with a {@code main} on this test's class path. */
  static ChildJvm start(Class<?> main, List<String> options, String... arguments) throws Exception {
    return start(List.of(), main, options, arguments);
  }

  /** The same where the folder has room for so many KiB only. */
  static ChildJvm startOnSmallDisk(Path folder, int kilobytes, Class<?> main, String... arguments)
      throws Exception {
    String script = "../native/src/test/bash/on-small-disk";
    return start(
        List.of("bash", script, folder.toString(), String.valueOf(kilobytes)),
        main,
        List.of("-XX:-UsePerfData"),
        arguments);
  }

  private static ChildJvm start(
      List<String> wrapper, Class<?> main, List<String> options, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  static Result run(Class<?> main, String... arguments) throws Exception {
    return start(main, List.of(), arguments).await();
  }

  Result await() throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
