package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.llm.engine.PoisonedEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An operator of ExecuTorch that aborts the process, made by {@code src/test/cpp/abort.cpp}, and a
 * program that calls it.
 */
final class AbortingOperator {
  private static final Path NATIVE = Path.of("..", "native").toAbsolutePath().normalize();
  private static final String PLATFORM = "linux-x86_64";

  private AbortingOperator() {}

  /** What {@link PoisonedEngine} needs in the environment of its process. */
  static Map<String, String> environment(Path folder) throws IOException, InterruptedException {
    Path headers = NATIVE.resolve("target/wheel").resolve(wheel()).resolve("executorch/include");
    Path natives = NATIVE.resolve("target/natives/io/github/flinkexecutorch/runtime");
    // The flags of native/build; the runtime is the one that the process has loaded by then.
    List<String> options =
        List.of(
            "-std=c++17",
            "-DC10_USING_CUSTOM_GENERATED_MACROS",
            "-isystem" + headers,
            "-isystem" + headers.resolve("executorch/runtime/core/portable_type/c10"),
            "-L" + natives.resolve(PLATFORM),
            "-lexecutorch");
    Path library = CppLibrary.compile("abort", folder, options);
    Path program = NATIVE.resolve("src/test/resources/missing-operator.pte");
    return Map.of(
        PoisonedEngine.LIBRARY, library.toString(), PoisonedEngine.PROGRAM, program.toString());
  }

  /** The name of the folder that native/build unpacks the wheel to, which is its hash. */
  private static String wheel() throws IOException {
    for (String row : Files.readAllLines(NATIVE.resolve("platforms.tsv"))) {
      String[] cells = row.split("\t", -1);
      if (cells[0].equals(PLATFORM)) {
        return cells[6];
      }
    }
    throw new IOException("No row " + PLATFORM + " in platforms.tsv");
  }
}
