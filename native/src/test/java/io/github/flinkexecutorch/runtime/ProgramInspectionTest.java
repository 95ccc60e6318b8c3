package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramInspectionTest {
  @Test
  void shouldTellWhatEachMethodCalls() {
    ProgramInspection found = inspect("two-methods.pte");

    assertThat(found.methods())
        .extracting(method -> method.meta().name())
        .containsExactly(
            "add",
            "forward",
            "get_vocab_size",
            "use_kv_cache",
            "get_scale",
            "get_name",
            "get_eos_ids");
    MethodInspection add = found.methods().get(0);
    assertThat(add.operators()).containsExactly("aten::add.out");
    assertThat(add.operatorCalls()).isEqualTo(1);
    assertThat(add.delegateCalls()).isZero();
    MethodInspection forward = found.methods().get(1);
    assertThat(forward.operators()).containsExactly("aten::embedding.out");
    assertThat(forward.meta().backends()).containsExactly("XnnpackBackend");
    assertThat(forward.delegateCalls()).isEqualTo(1);
    assertThat(found.schemaVersion()).isZero();
    assertThat(found.constantBytes()).isGreaterThanOrEqualTo(32 * 16 * Float.BYTES);
    assertThat(found.delegateBytes()).isPositive();
  }

  @Test
  void shouldFindEveryKernelOfWhatRuns() {
    for (String program :
        List.of("two-methods.pte", "external.pte", "unplanned.pte", "external-delegate.pte")) {
      assertThat(inspect(program).methods())
          .as(program)
          .allSatisfy(method -> assertThat(method.missingOperators()).isEmpty())
          .allSatisfy(method -> assertThat(method.missingBackends()).isEmpty());
    }
  }

  @Test
  void shouldNameOperatorsWithoutKernelAndLogNothingOfThem() {
    ProgramInspection found = inspect("missing-operator.pte");

    assertThat(found.methods().get(0).operators()).containsExactly("demo::unavailable.out");
    assertThat(found.methods().get(0).missingOperators()).containsExactly("demo::unavailable.out");
    assertThat(NativeBridge.et_log_pending()).isZero();
  }

  @Test
  void shouldNameConstantsThatNoDataFileHolds() {
    ProgramInspection alone = inspect("external.pte");
    assertThat(alone.externalData()).containsExactly("bias", "weight");
    assertThat(alone.missingData()).containsExactly("bias", "weight");

    ProgramInspection whole = inspect("external.pte", "external.ptd");
    assertThat(whole.externalData()).containsExactly("bias", "weight");
    assertThat(whole.missingData()).isEmpty();
  }

  @Test
  void shouldNameConstantsOfDelegatesThatNoDataFileHolds() {
    ProgramInspection alone = inspect("external-delegate.pte");
    assertThat(alone.externalData()).hasSize(2);
    assertThat(alone.missingData()).isEqualTo(alone.externalData());

    assertThat(inspect("external-delegate.pte", "external-delegate.ptd").missingData()).isEmpty();
    assertThat(inspect("external-delegate.pte", "external.ptd").missingData())
        .isEqualTo(alone.externalData());
  }

  @Test
  void shouldCountCachesOnce() {
    ProgramInspection found = inspect("kernels/update_cache-b1-h4-2-d96-q5-at7-of32.pte");

    // One cache of 1 sequence, 32 positions, 2 heads of size 96.
    assertThat(found.methods().get(0).cacheBytes()).isEqualTo(32 * 2 * 96 * Float.BYTES);
    assertThat(found.methods().get(0).meta().plannedBytes())
        .isGreaterThanOrEqualTo(found.methods().get(0).cacheBytes());
    assertThat(inspect("two-methods.pte").methods().get(1).cacheBytes()).isZero();
  }

  @Test
  void shouldCountKeyAndValueCachesOfFusedAttention() {
    String program = "kernels/sdpa_with_kv_cache-b1-h4-2-d96-q1-at31-of32-causal.pte";

    assertThat(inspect(program).methods().get(0).cacheBytes())
        .isEqualTo(2 * 32 * 2 * 96 * Float.BYTES);
  }

  @Test
  void shouldRefuseAFileThatWasCutMeanwhile(@TempDir Path folder) throws Exception {
    byte[] whole = Files.readAllBytes(Fixtures.path("external.pte"));
    Path file = Files.write(folder.resolve("model.pte"), whole);
    try (Program program = Program.open(file, List.of(), LoadMode.FILE)) {
      Files.write(file, Arrays.copyOf(whole, 100));
      assertThatThrownBy(program::inspect)
          .isInstanceOf(ExecuTorchException.class)
          .hasMessageContaining("model.pte");
    }
  }

  private static ProgramInspection inspect(String program, String... dataFiles) {
    try (Program opened = Fixtures.open(program, dataFiles)) {
      return opened.inspect();
    }
  }
}
