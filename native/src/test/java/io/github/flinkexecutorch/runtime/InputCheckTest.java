package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InputCheckTest {
  private static Program program;
  private static ExecuTorchModule module;

  @BeforeAll
  static void open() {
    program = Fixtures.open("two-methods.pte");
    module = program.openModule(Threading.INLINE);
  }

  @AfterAll
  static void close() {
    module.close();
    program.close();
  }

  static Stream<Arguments> wrongInputs() {
    EValue tokens = EValue.of(Tensor.zeros(ScalarType.LONG, 1, 4));
    return Stream.of(
        Arguments.of(List.of(), "takes 1 inputs, got 0"),
        Arguments.of(List.of(tokens, tokens), "takes 1 inputs, got 2"),
        Arguments.of(List.of(EValue.of(4L)), "takes a TENSOR as input 0, got a LONG"),
        Arguments.of(List.of(EValue.none()), "takes a TENSOR as input 0, got a NONE"),
        Arguments.of(List.of(zeros(ScalarType.LONG, 1, 17)), "at most [1, 16] as input 0"),
        Arguments.of(List.of(zeros(ScalarType.LONG, 2, 4)), "got LONG[2, 4]"),
        Arguments.of(List.of(zeros(ScalarType.LONG, 4)), "got LONG[4]"),
        Arguments.of(List.of(zeros(ScalarType.LONG, 1, 1, 1)), "got LONG[1, 1, 1]"),
        Arguments.of(List.of(zeros(ScalarType.INT, 1, 4)), "got INT[1, 4]"));
  }

  @ParameterizedTest
  @MethodSource("wrongInputs")
  void shouldNameTheDifferenceWhenInputsDoNotFit(List<EValue> inputs, String difference) {
    assertThatThrownBy(() -> module.execute("forward", inputs.toArray(EValue[]::new)))
        .isInstanceOfSatisfying(
            ExecuTorchException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContainingAll("method forward of ", "two-methods.pte", difference);
  }

  @Test
  void shouldReportWhatTheRuntimeRefuses() {
    EValue outside = EValue.of(Tensor.of(new long[] {32}, 1, 1));
    assertThatThrownBy(() -> module.execute("forward", outside))
        .isInstanceOfSatisfying(
            ExecuTorchException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContainingAll("Cannot execute method forward of ", "0x12", "aten::embedding");
    EValue inside = EValue.of(Tensor.of(new long[] {31}, 1, 1));
    assertThat(module.execute("forward", inside)).hasSize(1);
  }

  @Test
  void shouldTakeAnEmptySequence() {
    List<EValue> outputs = module.execute("forward", zeros(ScalarType.LONG, 1, 0));
    assertThat(outputs.get(0).toTensor().shape()).containsExactly(1, 0, 8);
  }

  private static EValue zeros(ScalarType type, long... shape) {
    return EValue.of(Tensor.zeros(type, shape));
  }
}
