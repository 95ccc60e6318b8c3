package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.jobs.files.Counts;
import io.github.flinkexecutorch.jobs.files.JobRun;
import io.github.flinkexecutorch.jobs.files.Tally;
import java.io.PrintStream;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What a captioning job has done. A job that was resumed counts what it did before as well.
 *
 * @param captions images with a caption
 * @param failures images without one, by the kind of failure
 * @param skipped images that an earlier run has finished
 * @param seconds from the submission to the end
 * @param imagesPerSecond captions and failures by {@code seconds}
 * @param tokensPerSecond generated tokens by {@code seconds}
 */
@PublicEvolving
public record CaptioningSummary(
    long captions,
    Map<String, Long> failures,
    long skipped,
    double seconds,
    double imagesPerSecond,
    double tokensPerSecond) {

  static CaptioningSummary of(JobRun run) {
    Counts counts = run.counts();
    return new CaptioningSummary(
        counts.get(Tally.COMPLETED),
        counts.below(Tally.DEAD_LETTERS),
        counts.get(Tally.SKIPPED),
        run.seconds(),
        counts.finished() / run.seconds(),
        counts.get(Tally.GENERATED_TOKENS) / run.seconds());
  }

  /** Images without a caption. */
  public long failed() {
    return failures.values().stream().mapToLong(Long::longValue).sum();
  }

  void print(PrintStream screen) {
    screen.printf(
        "%n  %,d captions, %,d without one%s in %.1f s: %.1f images/s, %.0f tokens/s%n",
        captions,
        failed(),
        skipped == 0 ? "" : ", %,d skipped".formatted(skipped),
        seconds,
        imagesPerSecond,
        tokensPerSecond);
    failures.forEach((kind, count) -> screen.printf("  %,8d %s%n", count, kind));
  }
}
