package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes shared libraries of the files in {@code src/test/cpp}, for processes that tests start. */
public final class CppLibrary {
  private static final Path SOURCES = Path.of("src", "test", "cpp");

  private CppLibrary() {}

  /**
   * Compiles {@code name.cpp}.
   *
   * @param options of the compiler and its linker, more than it takes to compile the file alone
   * @throws IOException with what the compiler said if it refuses the file
   */
  public static Path compile(String name, Path folder, List<String> options)
      throws IOException, InterruptedException {
    Path library = folder.resolve("lib" + name + ".so");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("g++", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"));
    command.addAll(List.of("-o", library.toString(), SOURCES.resolve(name + ".cpp").toString()));
    command.addAll(options);
    Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(compiler.getInputStream().readAllBytes(), UTF_8);
    if (compiler.waitFor() != 0) {
      throw new IOException(command + " failed:\n" + output);
    }
    return library;
  }
}
