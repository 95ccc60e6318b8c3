package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The LLM operators against eager PyTorch, on every instruction set that this machine has. */
class KernelGoldenTest {
  private static int best;

  @BeforeAll
  static void remember() {
    Native.require();
    best = NativeBridge.et_kernels_isa();
  }

  @AfterEach
  void restore() {
    NativeBridge.et_kernels_set_isa(best);
  }

  static Stream<Arguments> cases() {
    Native.require();
    int levels = NativeBridge.et_kernels_isa() + 1;
    return StreamSupport.stream(Fixtures.json("kernels/cases.json").spliterator(), false)
        .flatMap(
            golden ->
                IntStream.range(0, levels)
                    .mapToObj(level -> Arguments.of(golden.get("name").asText(), level, golden)));
  }

  @ParameterizedTest(name = "{0} at level {1}")
  @MethodSource("cases")
  void shouldComputeWhatPyTorchComputes(String name, int level, JsonNode golden) throws Exception {
    assertThat(NativeBridge.et_kernels_set_isa(level)).isEqualTo(level);
    EValue[] inputs =
        StreamSupport.stream(golden.get("inputs").spliterator(), false)
            .map(input -> EValue.of(Fixtures.tensor(input)))
            .toArray(EValue[]::new);
    for (Threading threading : Threading.values()) {
      try (Program program = Fixtures.open("kernels/" + golden.get("program").asText());
          ExecuTorchModule module = program.openModule(threading)) {
        List<EValue> outputs = module.execute("forward", inputs);
        JsonNode expected = golden.get("outputs");
        assertThat(outputs).hasSameSizeAs(expected);
        for (int i = 0; i < outputs.size(); i++) {
          assertThat(Fixtures.floats(outputs.get(i)))
              .as("output %d of %s", i, name)
              .containsExactly(
                  floats(expected.get(i).get("file").asText()),
                  within((float) expected.get(i).get("tolerance").asDouble()));
        }
      }
    }
  }

  private static float[] floats(String file) throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Fixtures.path("kernels/" + file)));
    float[] floats = new float[bytes.remaining() / Float.BYTES];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }
}
