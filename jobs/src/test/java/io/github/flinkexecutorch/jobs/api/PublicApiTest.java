package io.github.flinkexecutorch.jobs.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds {@code api.txt} of each module: {@code -Dapi.write=true} writes it anew. */
class PublicApiTest {

  @ParameterizedTest
  @CsvSource({
    "native, io.github.flinkexecutorch.runtime",
    "runner, io.github.flinkexecutorch.llm",
    "connector, io.github.flinkexecutorch.connector",
    "jobs, io.github.flinkexecutorch.jobs"
  })
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
}
