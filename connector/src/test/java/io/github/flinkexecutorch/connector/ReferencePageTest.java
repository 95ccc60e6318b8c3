package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReferencePageTest {
  private static final Path PAGE = Path.of("..", "docs", "reference.md");

  /** With {@code -Dreference.write=true} it writes the page instead. */
  @Test
  void shouldEqualThePageInTheRepository() throws IOException {
    if (Boolean.getBoolean("reference.write")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, ReferencePage.markdown());
    }
    assertThat(Files.readString(PAGE))
        .as("run this test with -Dreference.write=true to bring %s up to date", PAGE)
        .isEqualTo(ReferencePage.markdown());
  }
}
