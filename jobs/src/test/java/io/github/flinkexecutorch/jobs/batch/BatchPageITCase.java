package io.github.flinkexecutorch.jobs.batch;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.jobs.Checkout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of docs/batch.md, in their order and in one folder, and compares what the page
 * shows of what they print. Numbers that differ between runs count as equal. {@code
 * -Ddocs.write=true} writes what they print anew.
 */
class BatchPageITCase {
  private static final Path PAGE = Path.of("../docs/batch.md");
  private static final Pattern BLOCK =
      Pattern.compile("```bash\n(.*?)\n```(?:\n\n```text\n(.*?)\n```)?", Pattern.DOTALL);

  /** Lines of the report that say how long things took, and of the cache, which depends on it. */
  private static final Pattern VARYING =
      Pattern.compile(
          "(?m)^(  (?:Wall time|Records per|Tokens per|  computed|Core-hours|  per million).*?)"
              + " +[\\d.,]+(?: +[\\d.,]+)?$");

  @TempDir private Path folder;

  @Test
  void shouldShowWhatItsCommandsPrint() throws Exception {
    Checkout checkout = Checkout.in(folder);
    String page = Files.readString(PAGE);
    StringBuilder expected = new StringBuilder();
    Matcher block = BLOCK.matcher(page);
    while (block.find()) {
      String output = checkout.run(block.group(1));
      String text = block.group();
      if (block.group(2) != null) {
        text = "```bash\n%s\n```\n\n```text\n%s\n```".formatted(block.group(1), shown(output));
      }
      block.appendReplacement(expected, Matcher.quoteReplacement(text));
    }
    block.appendTail(expected);
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(constant(Files.readString(PAGE)))
        .as("run this test with -Ddocs.write=true to bring %s up to date", PAGE)
        .isEqualTo(constant(expected.toString()));
  }

  /** Without lines of progress and those that name this test's folder. */
  private String shown(String output) {
    return output
        .lines()
        .filter(line -> !line.isBlank() && !line.contains(folder.toString()))
        .filter(line -> !line.contains(" records/s "))
        .collect(joining("\n"));
  }

  /** The text without what differs between runs. */
  private static String constant(String text) {
    return VARYING.matcher(text).replaceAll("$1");
  }
}
