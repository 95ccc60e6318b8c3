package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExecuTorchRuntimeTest {
  @Test
  void shouldSetThePoolOnce() throws Exception {
    ChildJvm.Result child = ChildJvm.run(SetTwice.class, List.of());
    assertThat(child.output()).contains("ok");
    assertThat(child.exitCode()).isZero();
  }

  @Test
  void shouldRefuseToResizeAPoolInUse() throws Exception {
    ChildJvm.Result child = ChildJvm.run(SetAfterUse.class, List.of());
    assertThat(child.output()).contains("ok");
    assertThat(child.exitCode()).isZero();
  }

  /** As in a container that may use one core of a machine with more. */
  @Test
  void shouldMakeAPoolOfTheProcessorsThatTheProcessHas() throws Exception {
    ChildJvm.Result child = ChildJvm.run(UseDefault.class, List.of("-XX:ActiveProcessorCount=1"));
    assertThat(child.output()).contains("before 1, after 1");
    child = ChildJvm.run(SetTwice.class, List.of("-XX:ActiveProcessorCount=1"));
    assertThat(child.output()).contains("ok");
  }

  @Test
  void shouldRefuseAPoolWithoutThreads() {
    assertThatThrownBy(() -> ExecuTorchRuntime.setPoolThreads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 0");
  }

  static final class SetTwice {
    public static void main(String[] arguments) {
      ExecuTorchRuntime.setPoolThreads(3);
      ExecuTorchRuntime.setPoolThreads(3);
      assertThat(ExecuTorchRuntime.poolThreads()).isEqualTo(3);
      refuses(4);
      compute();
      assertThat(ExecuTorchRuntime.poolThreads()).isEqualTo(3);
      System.out.println("ok");
    }
  }

  static final class SetAfterUse {
    public static void main(String[] arguments) {
      compute();
      refuses(ExecuTorchRuntime.poolThreads() + 1);
      ExecuTorchRuntime.setPoolThreads(ExecuTorchRuntime.poolThreads());
      System.out.println("ok");
    }
  }

  static final class UseDefault {
    public static void main(String[] arguments) {
      int before = ExecuTorchRuntime.poolThreads();
      compute();
      System.out.println("before " + before + ", after " + ExecuTorchRuntime.poolThreads());
    }
  }

  private static void refuses(int threads) {
    int before = ExecuTorchRuntime.poolThreads();
    assertThatThrownBy(() -> ExecuTorchRuntime.setPoolThreads(threads))
        .isInstanceOfSatisfying(
            ExecuTorchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_STATE))
        .hasMessageContainingAll(threads + " threads", "has " + before + " threads", "once");
  }

  private static void compute() {
    try (Program program = Fixtures.open("two-methods.pte");
        ExecuTorchModule module = program.openModule(Threading.POOL)) {
      module.execute("forward", EValue.of(Tensor.of(new long[] {1, 2}, 1, 2)));
    }
  }
}
