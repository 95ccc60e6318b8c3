package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XnnpackOptionsTest {
  @TempDir private Path folder;

  @Test
  void shouldComputeTheSameUnderAllOptions() {
    float[] expected = run(XnnpackOptions.DEFAULTS);
    for (WorkspaceSharing sharing : WorkspaceSharing.values()) {
      for (boolean cache : new boolean[] {false, true}) {
        assertThat(run(new XnnpackOptions(sharing, cache, Optional.empty())))
            .as("%s, weight cache %s", sharing, cache)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void shouldKeepPackedWeightsOnDisk() throws Exception {
    float[] expected = run(XnnpackOptions.DEFAULTS);
    Path file = folder.resolve("weights.packed");
    XnnpackOptions options = new XnnpackOptions(WorkspaceSharing.DISABLED, true, Optional.of(file));
    assertThat(run(options)).isEqualTo(expected);
    assertThat(file).isNotEmptyFile();
    long size = Files.size(file);
    assertThat(run(options)).isEqualTo(expected);
    assertThat(file).hasSize(size);
  }

  @Test
  void shouldRefuseAPathThatTheRuntimeCannotHold() {
    Path file = folder.resolve("x".repeat(250));
    assertThatThrownBy(
            () -> run(new XnnpackOptions(WorkspaceSharing.DISABLED, true, Optional.of(file))))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContaining("path of the packed weights");
  }

  @Test
  void shouldRefuseOptionsThatContradict() {
    Optional<Path> file = Optional.of(folder.resolve("weights.packed"));
    assertThatThrownBy(() -> new XnnpackOptions(WorkspaceSharing.GLOBAL, false, file))
        .hasMessageContaining("weightCache");
    assertThatThrownBy(
            () -> new XnnpackOptions(WorkspaceSharing.GLOBAL, true, Optional.of(Path.of("a"))))
        .hasMessageContaining("absolute");
  }

  private static float[] run(XnnpackOptions options) {
    try (Program program = Fixtures.open("two-methods.pte");
        ExecuTorchModule one = program.openModule(Threading.INLINE, options);
        ExecuTorchModule other = program.openModule(Threading.POOL, options)) {
      EValue tokens = EValue.of(Tensor.of(new long[] {1, 5, 31}, 1, 3));
      float[] result = Fixtures.floats(one.execute("forward", tokens).get(0));
      assertThat(Fixtures.floats(other.execute("forward", tokens).get(0))).isEqualTo(result);
      return result;
    }
  }
}
