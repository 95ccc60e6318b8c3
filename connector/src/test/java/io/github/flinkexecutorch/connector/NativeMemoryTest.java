package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NativeMemoryTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;

  @Test
  void shouldSayNothingWhenAModelFits() {
    assertThat(new NativeMemory(2 * GIB, 8 * GIB, GIB).shortage(2 * GIB, true)).isEmpty();
    assertThat(new NativeMemory(NativeMemory.UNKNOWN, 8 * GIB, GIB).shortage(7 * GIB, true))
        .isEmpty();
  }

  @Test
  void shouldNameTheNumberToSetWhenFlinkPlansLess() {
    assertThat(new NativeMemory(GIB, 8 * GIB, GIB).shortage(2 * GIB + 1, true).orElseThrow())
        .contains(
            "takes 2049 MiB",
            "taskmanager.memory.task.off-heap.size is 1024 MiB",
            "Set that to 2049m or more",
            "executorch.engine.kv-cache-size");
  }

  @Test
  void shouldNameTheNumberToSetWhenTheContainerHasLess() {
    assertThat(
            new NativeMemory(NativeMemory.UNKNOWN, 2 * GIB, GIB)
                .shortage(GIB + 512 * MIB, true)
                .orElseThrow())
        .contains("takes 1536 MiB", "heap up to 1024 MiB", "has 2048 MiB", "Give it 2560 MiB");
  }

  @Test
  void shouldAdviseNothingThatAModelWithoutPagesDoesNotHave() {
    assertThat(new NativeMemory(GIB, 8 * GIB, GIB).shortage(2 * GIB, false).orElseThrow())
        .endsWith("Set that to 2048m or more.");
    assertThat(new NativeMemory(GIB, GIB, GIB).shortage(MIB, false).orElseThrow())
        .endsWith("Give it 1025 MiB or more.");
  }

  @Test
  void shouldReadTheLimitsOfThisProcess() {
    NativeMemory memory = NativeMemory.of(NativeMemory.UNKNOWN);

    assertThat(memory.machine()).isGreaterThan(memory.heap() / 8).isPositive();
    assertThat(memory.heap()).isEqualTo(Runtime.getRuntime().maxMemory());
  }
}
