package io.github.flinkexecutorch.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramTest {
  static Stream<Arguments> calls() {
    return StreamSupport.stream(Fixtures.json("programs.json").get("calls").spliterator(), false)
        .flatMap(
            call ->
                Stream.of(LoadMode.values())
                    .flatMap(
                        mode ->
                            Stream.of(Threading.values())
                                .map(threading -> Arguments.of(call, mode, threading))));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void shouldComputeWhatPyTorchComputes(JsonNode call, LoadMode mode, Threading threading) {
    String[] data =
        call.has("data") ? new String[] {call.get("data").get(0).asText()} : new String[0];
    try (Program program = Fixtures.open(call.get("program").asText(), mode, data);
        ExecuTorchModule module = program.openModule(threading)) {
      EValue[] inputs =
          StreamSupport.stream(call.get("inputs").spliterator(), false)
              .map(input -> EValue.of(Fixtures.tensor(input)))
              .toArray(EValue[]::new);
      List<EValue> outputs = module.execute(call.get("method").asText(), inputs);
      JsonNode expected = call.get("output");
      assertThat(outputs).hasSize(1);
      assertThat(outputs.get(0).toTensor().shape()).isEqualTo(Fixtures.tensor(expected).shape());
      assertThat(Fixtures.floats(outputs.get(0)))
          .containsExactly(
              Fixtures.floats(expected.get("values")),
              within((float) expected.get("tolerance").asDouble()));
    }
  }

  @Test
  void shouldReadConstantsOfEveryKind() {
    try (Program program = Fixtures.open("two-methods.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      assertThat(module.execute("get_vocab_size").get(0).toLong()).isEqualTo(32);
      assertThat(module.execute("use_kv_cache").get(0).toBoolean()).isTrue();
      assertThat(module.execute("get_scale").get(0).toDouble()).isEqualTo(0.5);
      assertThat(module.execute("get_name").get(0).text()).isEqualTo("two-methods");
      assertThat(module.execute("get_eos_ids")).extracting(EValue::toLong).containsExactly(2L, 3L);
    }
  }

  @Test
  void shouldDescribeMethodsBeforeLoadingThem() {
    try (Program program = Fixtures.open("two-methods.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      assertThat(module.methodNames())
          .containsExactlyInAnyOrder(
              "forward",
              "add",
              "get_vocab_size",
              "use_kv_cache",
              "get_scale",
              "get_name",
              "get_eos_ids");
      MethodMeta forward = module.methodMeta("forward");
      assertThat(forward.inputs())
          .containsExactly(
              new TensorMeta(EValue.Kind.TENSOR, ScalarType.LONG, List.of(1L, 16L), 128));
      assertThat(forward.outputs())
          .containsExactly(
              new TensorMeta(EValue.Kind.TENSOR, ScalarType.FLOAT, List.of(1L, 16L, 8L), 512));
      assertThat(forward.backends()).containsExactly("XnnpackBackend");
      assertThat(module.methodMeta("add").backends()).isEmpty();
      assertThat(module.memoryReport().plannedBytes()).isEmpty();
    }
  }

  @Test
  void shouldReportMemoryOfLoadedMethods() {
    try (Program program = Fixtures.open("external.pte", "external.ptd");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      module.loadMethod("forward");
      MemoryReport report = module.memoryReport();
      assertThat(report.programBytes())
          .isEqualTo(
              Fixtures.path("external.pte").toFile().length()
                  + Fixtures.path("external.ptd").toFile().length());
      assertThat(report.plannedBytes())
          .containsOnly(
              java.util.Map.entry("forward", module.methodMeta("forward").plannedBytes()));
      assertThat(module.methodMeta("forward").plannedBytes()).isPositive();
    }
  }

  @Test
  void shouldNameTheMethodsThereAreWhenAskedForAnother() {
    try (Program program = Fixtures.open("external.pte", "external.ptd");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      assertThatThrownBy(() -> module.execute("backward"))
          .isInstanceOfSatisfying(
              ExecuTorchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
          .hasMessageContainingAll("backward", "external.pte", "forward");
    }
  }

  @Test
  void shouldNameMissingOperators() {
    try (Program program = Fixtures.open("missing-operator.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      assertThatThrownBy(() -> module.loadMethod("forward"))
          .isInstanceOfSatisfying(
              ExecuTorchException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.OPERATOR_MISSING))
          .hasMessageContainingAll("missing-operator.pte", "demo::unavailable.out", "Export");
    }
  }

  @Test
  void shouldNameAMissingBackend(@TempDir Path folder) throws Exception {
    String program = Files.readString(Fixtures.path("two-methods.pte"), ISO_8859_1);
    Path file = folder.resolve("other.pte");
    Files.writeString(file, program.replace("XnnpackBackend", "AnotherBackend"), ISO_8859_1);
    try (Program opened = Program.open(file, List.of(), LoadMode.FILE);
        ExecuTorchModule module = opened.openModule(Threading.INLINE)) {
      assertThatThrownBy(() -> module.loadMethod("forward"))
          .isInstanceOf(ExecuTorchException.class)
          .hasMessageContainingAll("other.pte", "AnotherBackend", "Lower the model to XNNPACK");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"external.pte", "external-delegate.pte"})
  void shouldRefuseProgramsWithoutTheirDataFiles(String name) {
    try (Program program = Fixtures.open(name);
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      assertThatThrownBy(() -> module.loadMethod("forward"))
          .isInstanceOf(ExecuTorchException.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void shouldGoOnAfterTheProgramIsClosed() {
    Program program = Fixtures.open("two-methods.pte");
    ExecuTorchModule module = program.openModule(Threading.INLINE);
    program.close();
    program.close();
    assertThat(module.execute("get_vocab_size").get(0).toLong()).isEqualTo(32);
    assertThatThrownBy(() -> program.openModule(Threading.INLINE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    module.close();
    module.close();
    assertThatThrownBy(() -> module.execute("get_vocab_size"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @ParameterizedTest
  @EnumSource(LoadMode.class)
  void shouldGoOnAfterTheFileIsDeleted(LoadMode mode, @TempDir Path folder) throws Exception {
    Path copy = Files.copy(Fixtures.path("two-methods.pte"), folder.resolve("model é.pte"));
    try (Program program = Program.open(copy, List.of(), mode);
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      Files.delete(copy);
      EValue tokens = EValue.of(Tensor.of(new long[] {1, 2}, 1, 2));
      assertThat(module.execute("forward", tokens)).hasSize(1);
    }
  }

  @Test
  void shouldKeepOneViewOfAnOutputWhileItStaysInPlace() {
    try (Program program = Fixtures.open("two-methods.pte");
        ExecuTorchModule module = program.openModule(Threading.INLINE)) {
      EValue first = module.execute("forward", EValue.of(Tensor.of(new long[] {1}, 1, 1))).get(0);
      float[] before = Fixtures.floats(first);
      EValue second = module.execute("forward", EValue.of(Tensor.of(new long[] {2}, 1, 1))).get(0);
      assertThat(second).isSameAs(first);
      assertThat(Fixtures.floats(first)).isNotEqualTo(before);
      EValue longer =
          module.execute("forward", EValue.of(Tensor.of(new long[] {1, 2}, 1, 2))).get(0);
      assertThat(longer.toTensor().shape()).containsExactly(1, 2, 8);
    }
  }
}
