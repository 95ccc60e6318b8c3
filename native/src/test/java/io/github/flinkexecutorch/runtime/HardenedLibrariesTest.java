package io.github.flinkexecutorch.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the built libraries say about themselves, as binutils reads it. */
class HardenedLibrariesTest {
  private static final String PLATFORM = "linux-x86_64";

  static Stream<String> libraries() throws IOException {
    return NativeFiles.of(PLATFORM).files().stream().map(NativeFiles.Entry::name);
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void shouldExecuteNoDataAndWriteNoCode(String library) throws Exception {
    assertThat(readelf("--program-headers", library))
        .anyMatch(line -> line.contains("GNU_RELRO"))
        .anyMatch(line -> line.contains("GNU_STACK") && line.contains(" RW "))
        .noneMatch(line -> line.contains(" RWE "));
    assertThat(readelf("--dynamic", library)).noneMatch(line -> line.contains("TEXTREL"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"libet_bridge.so", "libjniNativeBridge.so"})
  void shouldBindOursAtLoadAndGuardItsStackAndBuffers(String library) throws Exception {
    assertThat(readelf("--dynamic", library)).anyMatch(line -> line.contains("BIND_NOW"));
    assertThat(readelf("--dyn-syms", library))
        .anyMatch(line -> line.contains("__stack_chk_fail"))
        .anyMatch(line -> line.contains("printf_chk@")); // buffers are checked
  }

  private static List<String> readelf(String part, String library)
      throws IOException, InterruptedException, URISyntaxException {
    Path file = Path.of(HardenedLibrariesTest.class.getResource(PLATFORM + "/" + library).toURI());
    Process readelf =
        new ProcessBuilder("readelf", "--wide", part, file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(readelf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(readelf.waitFor()).as(output).isZero();
    return output.lines().toList();
  }
}
