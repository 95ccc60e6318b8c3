package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged program files end in exceptions; a process that dies of one is a failure here. What may
 * still kill a process is the known limit in et_bridge.h.
 */
class CorruptProgramTest {
  private static final int FLIPS = 200;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "two-methods.pte",
        "external.pte",
        "external-delegate.pte",
        "missing-operator.pte",
        "kernels/update_cache-b1-h4-1-d32-q17-at15-of32.pte"
      })
  void shouldSurviveFlippedBytes(String program) throws Exception {
    assertThat(deadly(program)).isEmpty();
  }

  @Test
  void shouldRefuseFilesCutAnywhere() throws Exception {
    byte[] whole = Files.readAllBytes(Fixtures.path("two-methods.pte"));
    for (int tenth = 0; tenth < 10; tenth++) {
      Path cut = folder.resolve("cut.pte");
      Files.write(cut, Arrays.copyOf(whole, whole.length * tenth / 10));
      for (LoadMode mode : LoadMode.values()) {
        assertThatThrownBy(() -> Program.open(cut, List.of(), mode))
            .isInstanceOf(ExecuTorchException.class)
            .hasMessageContaining("cut.pte");
      }
    }
  }

  private List<String> deadly(String program) throws Exception {
    List<String> deaths = new ArrayList<>();
    int next = 0;
    while (next < FLIPS) {
      ChildJvm.Result child =
          ChildJvm.run(
              Mutations.class,
              List.of(),
              Fixtures.path(program).toString(),
              folder.toString(),
              String.valueOf(next),
              String.valueOf(FLIPS));
      if (child.exitCode() == 0) {
        break;
      }
      List<String> tried =
          child.output().lines().filter(line -> line.startsWith("mutation ")).toList();
      String last = tried.get(tried.size() - 1);
      deaths.add(last + ": exit code " + child.exitCode());
      next = Integer.parseInt(last.split(" ", -1)[1]) + 1;
    }
    return deaths;
  }

  /** Arguments: program, working folder, first and last mutation. */
  static final class Mutations {
    public static void main(String[] arguments) throws Exception {
      byte[] whole = Files.readAllBytes(Path.of(arguments[0]));
      int tables = tableBytes(whole);
      Path file = Path.of(arguments[1], "mutated.pte");
      for (int i = Integer.parseInt(arguments[2]); i < Integer.parseInt(arguments[3]); i++) {
        Random random = new Random(i * 0x9E3779B97F4A7C15L);
        int at = random.nextInt(tables);
        int bits = 1 + random.nextInt(255);
        System.out.println("mutation " + i + " at byte " + at + " xor " + bits);
        byte[] mutated = whole.clone();
        mutated[at] ^= (byte) bits;
        Files.write(file, mutated);
        use(file);
      }
    }

    // The weights behind the tables are numbers: any byte of them is valid.
    private static int tableBytes(byte[] program) {
      boolean segments = new String(program, 8, 4, StandardCharsets.US_ASCII).equals("eh00");
      return segments
          ? (int) ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN).getLong(16)
          : program.length;
    }

    private static void use(Path file) {
      try (Program program = Program.open(file, List.of(), LoadMode.FILE);
          ExecuTorchModule module = program.openModule(Threading.INLINE)) {
        inspect(program);
        for (String method : module.methodNames()) {
          try {
            MethodMeta meta = module.methodMeta(method);
            EValue[] inputs = meta.inputs().stream().map(Mutations::zeros).toArray(EValue[]::new);
            module.execute(method, inputs);
          } catch (ExecuTorchException | IllegalArgumentException e) {
            // what a caller can handle
          }
        }
      } catch (ExecuTorchException e) {
        // refused as a whole
      }
    }

    private static void inspect(Program program) {
      try {
        program.inspect();
      } catch (ExecuTorchException e) {
        // what a caller can handle
      }
    }

    private static EValue zeros(TensorMeta meta) {
      if (meta.kind() != EValue.Kind.TENSOR || meta.type() == null || meta.bytes() > 1 << 20) {
        throw new IllegalArgumentException("not an input that this test can make");
      }
      return EValue.of(
          Tensor.zeros(meta.type(), meta.sizes().stream().mapToLong(Long::longValue).toArray()));
    }
  }
}
