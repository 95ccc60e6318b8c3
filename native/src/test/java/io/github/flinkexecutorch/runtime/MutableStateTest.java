package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("native")
class MutableStateTest {
  private static final float INITIAL = 1.5f;

  @Test
  void shouldKeepStateApartWithoutSharing() {
    try (Program program = Fixtures.open("sharing.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      assertThat(add(module, "first", 2)).isEqualTo(INITIAL + 2);
      assertThat(add(module, "second", 4)).isEqualTo(INITIAL + 4);
      assertThat(add(module, "first", 1)).isEqualTo(INITIAL + 3);
    }
  }

  @Test
  void shouldLetMethodsSeeWhatTheOthersRemember() {
    try (Program program = Fixtures.open("sharing.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      module.loadSharing(List.of("first", "second"));

      assertThat(add(module, "first", 2)).isEqualTo(INITIAL + 2);
      assertThat(add(module, "second", 4)).isEqualTo(INITIAL + 6);
      assertThat(add(module, "first", 1)).isEqualTo(INITIAL + 7);
    }
  }

  @Test
  void shouldRestoreTheStateOfTheLoading() {
    try (Program program = Fixtures.open("sharing.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      module.loadSharing(List.of("first", "second"));
      add(module, "first", 2);

      module.restoreState();

      assertThat(add(module, "second", 4)).isEqualTo(INITIAL + 4);
    }
  }

  @Test
  void shouldRefuseToShareWhatThePlanKeepsApart() {
    try (Program program = Fixtures.open("two-methods.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      assertThatThrownBy(() -> module.loadSharing(List.of("forward", "add")))
          .isInstanceOfSatisfying(
              ExecuTorchException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PROGRAM))
          .hasMessageContaining("share_mutable_buffers");
    }
  }

  @Test
  void shouldRefuseToShareAfterLoading() {
    try (Program program = Fixtures.open("sharing.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      module.loadMethod("first");

      assertThatThrownBy(() -> module.loadSharing(List.of("first", "second")))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private static float add(ExecuTorchModule module, String method, float value) {
    EValue sum =
        module.execute(method, EValue.of(Tensor.of(new float[] {value, 0, 0, 0}, 4))).get(0);
    return sum.toTensor().floats().get(0);
  }
}
