package io.github.flinkexecutorch.jobs.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream screen = new PrintStream(bytes, true, UTF_8);

  @Test
  void shouldRewriteOneLineOnTerminal() {
    RunProgress progress = new RunProgress(screen, true, "images", RunTotal.of(200), 0);
    progress.update(counts(10, 0, 0, 100), SECOND);
    progress.update(counts(98, 2, 20, 1000), 10 * SECOND);
    progress.end();

    assertThat(bytes.toString(UTF_8))
        .containsOnlyOnce("\n")
        .contains("\r[######....] 120/200 10.0 images/s 100 tokens/s 2 failed ETA 0:08");
  }

  @Test
  void shouldSayThatATotalIsEstimated() {
    RunProgress progress = new RunProgress(screen, true, "records", new RunTotal(10_000, false), 0);
    progress.update(counts(10, 0, 0, 100), SECOND);

    assertThat(bytes.toString(UTF_8))
        .contains(" 10/~10,000 10.0 records/s")
        .endsWith("16:39\u001b[K");
  }

  @Test
  void shouldPrintLinesFiveSecondsApartElsewhere() {
    RunProgress progress = new RunProgress(screen, false, "images", RunTotal.UNKNOWN, 0);
    for (int i = 1; i <= 120; i++) {
      progress.update(counts(i, 0, 0, i), i * SECOND / 10);
    }
    progress.end();

    assertThat(bytes.toString(UTF_8).lines())
        .containsExactly(
            "50 images 10.0 images/s 10 tokens/s 0 failed",
            "100 images 10.0 images/s 10 tokens/s 0 failed");
  }

  @Test
  void shouldKeepBoundedNumberOfSamplesOfLongRun() {
    RunProgress progress = new RunProgress(screen, false, "images", RunTotal.UNKNOWN, 0);
    for (int i = 1; i <= 100_000; i++) {
      progress.update(counts(i, 0, 0, i), i * SECOND / 4);
    }

    assertThat(progress.samples()).hasSizeBetween(150, 400);
    assertThat(progress.samples())
        .extracting(JobRun.Sample::seconds)
        .isSorted()
        .allMatch(seconds -> seconds <= 25_000);
    assertThat(progress.samples().get(progress.samples().size() - 1).records())
        .isGreaterThan(99_000);
  }

  private static Counts counts(long captions, long failed, long skipped, long tokens) {
    return Counts.of(
        Map.of(
            Tally.COMPLETED,
            captions,
            "dead-letters.IMAGE_DECODE",
            failed / 2,
            "dead-letters.FETCH_FAILED",
            failed - failed / 2,
            Tally.SKIPPED,
            skipped,
            Tally.GENERATED_TOKENS,
            tokens));
  }
}
