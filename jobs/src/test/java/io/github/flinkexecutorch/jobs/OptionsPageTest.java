package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Holds the arguments in docs/options.md to the code: {@code -Ddocs.write=true} writes them anew.
 */
class OptionsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "options.md");

  @Test
  void shouldListEveryArgument() throws Exception {
    String page = OptionsPage.updated(Files.readString(PAGE));
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }

    assertThat(Files.readString(PAGE))
        .as("run this test with -Ddocs.write=true to bring %s up to date", PAGE)
        .isEqualTo(page);
  }
}
