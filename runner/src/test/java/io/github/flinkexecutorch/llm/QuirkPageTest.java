package io.github.flinkexecutorch.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Holds docs/upstream-quirks.md to the code: {@code -Ddocs.write=true} writes it anew. */
class QuirkPageTest {
  private static final Path PAGE = Path.of("../docs/upstream-quirks.md");

  @Test
  void shouldDocumentEveryQuirk() throws IOException {
    String expected = page();
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(PAGE).hasContent(expected);
  }

  private static String page() {
    StringBuilder page =
        new StringBuilder(
            """
            # Where ExecuTorch's runner surprises, and what ours does

            Behavior of the C++ runner of ExecuTorch 1.5 that its documentation does not tell. Runners made with `Compatibility.FIXED`, the
            default, do what the third column says. Those made with `Compatibility.UPSTREAM` do what the second column says, where the fourth
            allows it: the rest would read memory that is not theirs, or is a matter of names. Each row is shown by a test.

            | `Quirk` | upstream | ours | `UPSTREAM` brings it back |
            |---|---|---|---|
            """);
    for (Quirk quirk : Quirk.values()) {
      page.append(
          "| `%s` | %s | %s | %s |%n"
              .formatted(
                  quirk, quirk.upstream(), quirk.ours(), quirk.isReproduced() ? "yes" : "no"));
    }
    return page.toString();
  }
}
