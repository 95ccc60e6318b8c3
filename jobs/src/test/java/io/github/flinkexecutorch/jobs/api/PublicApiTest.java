package io.github.flinkexecutorch.jobs.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds {@code api.txt} of each module, which {@code -Dapi.write=true} writes anew, and {@code
 * api-baseline.jar}, which {@code -Dapi.baseline.write=true} does.
 */
class PublicApiTest {
  private static final Map<String, String> ROOTS =
      Map.of(
          "native", "io.github.flinkexecutorch.runtime",
          "runner", "io.github.flinkexecutorch.llm",
          "connector", "io.github.flinkexecutorch.connector",
          "jobs", "io.github.flinkexecutorch.jobs");

  static Stream<Arguments> modules() {
    return ROOTS.entrySet().stream().map(root -> Arguments.of(root.getKey(), root.getValue()));
  }

  @ParameterizedTest
  @MethodSource("modules")
  void shouldBeWhatWasAgreed(String module, String root) throws IOException {
    Path agreed = Path.of("..", module, "api.txt");
    String now = PublicApi.of(root);
    if (Boolean.getBoolean("api.write")) {
      Files.writeString(agreed, now);
    }

    assertThat(Files.readString(agreed))
        .as(
            """
            The public types and members of %s are no longer those of %s/api.txt. A line that only
            came is an addition; one that went or changed breaks whoever calls it. If it is meant,
            accept it by
                mvn -pl native,runner,connector,sql-connector,jobs -Dtest=PublicApiTest \
            -Dsurefire.failIfNoSpecifiedTests=false -Dapi.write=true test
            and commit the file; if nobody outside should see it, mark the type @Internal. See
            docs/api.md.""",
            module, module)
        .isEqualTo(now);
  }

  /** Maven compares with it, but would find nothing amiss with one that holds nothing. */
  @ParameterizedTest
  @MethodSource("modules")
  void shouldHaveABaseline(String module, String root) throws IOException {
    Path baseline = Path.of("..", module, "api-baseline.jar");
    if (Boolean.getBoolean("api.baseline.write")) {
      Files.write(baseline, ApiBaseline.of(root));
    }

    try (ZipFile jar = new ZipFile(baseline.toFile())) {
      List<String> types = jar.stream().map(ZipEntry::getName).toList();
      assertThat(types)
          .hasSizeGreaterThan(10)
          .allMatch(type -> type.startsWith(root.replace('.', '/')));
    }
  }
}
