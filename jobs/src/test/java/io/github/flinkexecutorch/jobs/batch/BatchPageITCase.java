package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of docs/batch.md, in their order and in one folder, and compares what the page
 * shows of what they print. Numbers that differ between runs count as equal.
 */
class BatchPageITCase {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
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
    Files.createDirectories(folder.resolve("bin"));
    Files.copy(ROOT.resolve("bin/batch"), folder.resolve("bin/batch"));
    // This build is not finished: what the script would build is there, by what is tested.
    Files.writeString(folder.resolve("bin/build"), "build_when_needed() { :; }\n");
    link("sample-data");
    link("jobs");
    List<MatchResult> blocks =
        BLOCK.matcher(Files.readString(ROOT.resolve("docs/batch.md"))).results().toList();
    assertThat(blocks).hasSizeGreaterThan(2);
    for (MatchResult block : blocks) {
      String output = run(block.group(1));
      if (block.group(2) != null) {
        String shown = block.group(2).strip();
        assertThat(constant(output)).as(block.group(1)).contains(constant(shown).strip());
      }
    }
  }

  /** The text without what differs between runs. */
  private static String constant(String text) {
    return VARYING.matcher(text).replaceAll("$1");
  }

  private String run(String command) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
    assertThat(shell.waitFor()).as("%s%n%s", command, output).isZero();
    return output;
  }

  private void link(String name) throws IOException {
    Files.createSymbolicLink(folder.resolve(name), ROOT.resolve(name));
  }
}
