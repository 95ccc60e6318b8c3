package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.jobs.files.Counts;
import io.github.flinkexecutorch.jobs.files.JobRun;
import io.github.flinkexecutorch.jobs.files.ProcessUse;
import io.github.flinkexecutorch.jobs.files.Tally;
import java.io.PrintStream;
import java.util.Map;
import java.util.SortedMap;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What a run has done and what it took, as {@code report.json} has it. Of a run that was resumed,
 * everything is what all its parts took together.
 *
 * @param records completions and dead letters
 * @param failures dead letters by the kind of failure
 * @param skipped records that an earlier run has finished
 * @param promptTokens tokens of the prompts of all completions
 * @param cachedPromptTokens how many of them were computed for an earlier prompt already
 * @param generatedTokens tokens of all completions
 * @param wallSeconds from the submission to the end
 * @param recordsPerSecond records by {@code wallSeconds}
 * @param tokensPerSecond generated tokens by {@code wallSeconds}
 * @param coreHours what the processes took in which the tasks ran, loading the model included
 * @param coreHoursPerMillionTokens by all tokens, read and generated
 * @param coreHoursPerMillionGeneratedTokens by the generated tokens alone
 */
@PublicEvolving
public record CostReport(
    long records,
    long completions,
    long deadLetters,
    SortedMap<String, Long> failures,
    long skipped,
    long promptTokens,
    long cachedPromptTokens,
    long generatedTokens,
    double wallSeconds,
    double recordsPerSecond,
    double tokensPerSecond,
    CoreHours coreHours,
    CoreHours coreHoursPerMillionTokens,
    CoreHours coreHoursPerMillionGeneratedTokens) {
  private static final double MS_PER_HOUR = 3_600_000;
  private static final double MILLION = 1_000_000;

  /**
   * Hours of one core.
   *
   * @param used by the processes' CPU time, {@code null} where that is not known
   * @param held time multiplied by the cores that the processes could have used: the upper bound
   */
  public record CoreHours(Double used, Double held) {
    private CoreHours by(long tokens) {
      return tokens == 0
          ? new CoreHours(null, null)
          : new CoreHours(by(used, tokens), by(held, tokens));
    }

    private static Double by(Double hours, long tokens) {
      return hours == null ? null : Double.valueOf(hours * MILLION / tokens);
    }
  }

  static CostReport of(JobRun run) {
    Counts counts = run.counts();
    long generated = counts.get(Tally.GENERATED_TOKENS);
    long prompts = counts.get(Tally.PROMPT_TOKENS);
    double seconds = run.seconds() + earlierMs(run) / 1000.0;
    boolean known = !counts.below(ProcessUse.USED).isEmpty();
    CoreHours hours =
        new CoreHours(
            known ? Double.valueOf(counts.sum(ProcessUse.USED) / MS_PER_HOUR) : null,
            counts.sum(ProcessUse.HELD) / MS_PER_HOUR);
    return new CostReport(
        counts.finished(),
        counts.get(Tally.COMPLETED),
        counts.failed(),
        counts.below(Tally.DEAD_LETTERS),
        counts.get(Tally.SKIPPED),
        prompts,
        counts.get(Tally.CACHED_PROMPT_TOKENS),
        generated,
        seconds,
        counts.finished() / seconds,
        generated / seconds,
        hours,
        hours.by(prompts + generated),
        hours.by(generated));
  }

  /** What the jobs took from whose savepoints or checkpoints this one came. */
  private static long earlierMs(JobRun run) {
    return run.counts().below(ProcessUse.WALL).entrySet().stream()
        .filter(job -> !job.getKey().equals(run.job().toString()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  void print(PrintStream screen) {
    screen.println();
    row(screen, "Records", "%,d", records);
    row(screen, "  completions", "%,d", completions);
    row(screen, "  dead letters", "%,d", deadLetters);
    failures.forEach((kind, count) -> row(screen, "    " + kind, "%,d", count));
    if (skipped > 0) {
      row(screen, "  skipped", "%,d", skipped);
    }
    row(screen, "Prompt tokens", "%,d", promptTokens);
    row(screen, "  computed before", "%,d", cachedPromptTokens);
    row(screen, "Generated tokens", "%,d", generatedTokens);
    row(screen, "Wall time, seconds", "%,.1f", wallSeconds);
    row(screen, "Records per second", "%,.1f", recordsPerSecond);
    row(screen, "Tokens per second", "%,.0f", tokensPerSecond);
    screen.printf("  %-32s %14s %14s%n", "", "used", "held");
    row(screen, "Core-hours", coreHours);
    row(screen, "  per million tokens", coreHoursPerMillionTokens);
    row(screen, "  per million generated tokens", coreHoursPerMillionGeneratedTokens);
  }

  private static void row(PrintStream screen, String label, String format, Number value) {
    screen.printf("  %-32s %14s%n", label, format.formatted(value));
  }

  private static void row(PrintStream screen, String label, CoreHours hours) {
    screen.printf("  %-32s %14s %14s%n", label, text(hours.used()), text(hours.held()));
  }

  private static String text(Double hours) {
    return hours == null ? "-" : "%,.4f".formatted(hours);
  }
}
