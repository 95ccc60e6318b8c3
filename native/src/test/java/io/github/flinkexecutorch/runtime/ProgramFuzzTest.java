package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a program or as its data file: opened and looked into, or refused by name. Nothing
 * is executed, since a model file is trusted input.
 */
class ProgramFuzzTest {
  @TempDir private static Path folder;

  static Stream<Arguments> programs() throws IOException {
    return seeds("missing-operator.pte", "external.pte", "unplanned.pte", "two-methods.pte");
  }

  static Stream<Arguments> dataFiles() throws IOException {
    return seeds("external.ptd", "external-delegate.ptd");
  }

  @MethodSource("programs")
  @FuzzTest
  void shouldOpenOrRefuseAnyProgram(byte[] content) throws IOException {
    openOrRefuse(Files.write(folder.resolve("fuzzed.pte"), content), List.of());
  }

  @MethodSource("dataFiles")
  @FuzzTest
  void shouldOpenOrRefuseAnyDataFile(byte[] content) throws IOException {
    Path data = Files.write(folder.resolve("fuzzed.ptd"), content);
    openOrRefuse(Fixtures.path("external.pte"), List.of(data));
  }

  private static void openOrRefuse(Path model, List<Path> dataFiles) {
    try (Program program = Program.open(model, dataFiles, LoadMode.FILE)) {
      assertThat(program.inspect()).isNotNull();
    } catch (ExecuTorchException e) {
      assertThat(e).hasMessageContaining("fuzzed.");
    }
  }

  private static Stream<Arguments> seeds(String... names) throws IOException {
    Stream.Builder<Arguments> seeds = Stream.builder();
    for (String name : names) {
      seeds.add(arguments(named(name, Files.readAllBytes(Fixtures.path(name)))));
    }
    return seeds.build();
  }
}
