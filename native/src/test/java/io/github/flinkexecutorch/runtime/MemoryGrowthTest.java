package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryGrowthTest {
  @Test
  void shouldNotGrowOverManyOpenings() throws Exception {
    ChildJvm.Result child =
        ChildJvm.run(OpenExecuteClose.class, List.of("-Xms64m", "-Xmx64m", "-Dlog4j2.level=OFF"));
    assertThat(child.output()).contains("level");
    assertThat(child.exitCode()).isZero();
  }

  static final class OpenExecuteClose {
    private static final int ROUNDS = 10_000;
    private static final List<LoadMode> MODES = List.of(LoadMode.values());

    public static void main(String[] arguments) throws Exception {
      run(ROUNDS); // compiled code and allocator arenas settle
      long before = residentKilobytes();
      run(ROUNDS);
      long after = residentKilobytes();
      System.out.println("resident kB: " + before + ", then " + after);
      if (after > before * 1.05) {
        System.exit(1);
      }
      System.out.println("level");
    }

    private static void run(int rounds) {
      EValue tokens = EValue.of(Tensor.of(new long[] {1, 2, 3}, 1, 3));
      for (int i = 0; i < rounds; i++) {
        LoadMode mode = MODES.get(i % MODES.size());
        try (Program program = Fixtures.open("two-methods.pte", mode);
            ExecuTorchModule module =
                program.openModule(i % 2 == 0 ? Threading.INLINE : Threading.POOL)) {
          if (i % 5 == 0) {
            module.startEtDump();
          }
          module.execute("forward", tokens);
          module.execute("get_eos_ids");
          refuse(module);
        }
      }
    }

    private static void refuse(ExecuTorchModule module) {
      try {
        module.execute("forward", EValue.of(Tensor.of(new long[] {99}, 1, 1)));
        throw new IllegalStateException("99 is outside of the vocabulary");
      } catch (ExecuTorchException e) {
        // the failure must not leak either
      }
    }

    private static long residentKilobytes() throws Exception {
      System.gc();
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }
}
