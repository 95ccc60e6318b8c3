package io.github.flinkexecutorch.jobs.files;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Shows how far a run is: a bar on a terminal, elsewhere a line every few seconds. Also keeps what
 * a chart of the throughput is drawn from. Confined to one thread; times are nanoseconds of one
 * clock.
 */
final class RunProgress {
  private static final long PLAIN_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long WINDOW_NANOS = Duration.ofSeconds(20).toNanos();
  private static final int MOST_SAMPLES = 400;
  private static final int BAR = 10; // the line of a long run fits into 80 columns
  private static final String OVERWRITE = "\r";
  private static final String REST_OF_LINE = "\u001b[K";

  private record Seen(long nanos, Counts counts) {}

  private final PrintStream screen;
  private final boolean terminal;
  private final String unit;
  private final RunTotal total;
  private final long start;
  private final Deque<Seen> window = new ArrayDeque<>();
  private final List<JobRun.Sample> samples = new ArrayList<>();
  private double sampleEvery; // seconds; grows, so that a long run has no more samples
  private long shownAt;

  /**
   * @param unit what is counted, in the plural
   */
  RunProgress(PrintStream screen, boolean terminal, String unit, RunTotal total, long start) {
    this.screen = screen;
    this.terminal = terminal;
    this.unit = unit;
    this.total = total;
    this.start = start;
    this.shownAt = start;
    window.add(new Seen(start, Counts.NONE));
  }

  void update(Counts counts, long now) {
    window.add(new Seen(now, counts));
    while (window.size() > 2 && window.peekFirst().nanos() < now - WINDOW_NANOS) {
      window.removeFirst();
    }
    keep((now - start) / 1e9, counts.finished());
    if (terminal) {
      screen.print(OVERWRITE + line(counts) + REST_OF_LINE);
      screen.flush();
    } else if (now - shownAt >= PLAIN_NANOS) {
      screen.println(line(counts));
      shownAt = now;
    }
  }

  /** Leaves the bar as it is. */
  void end() {
    if (terminal) {
      screen.println();
    }
  }

  /** Times and counts, ascending. */
  List<JobRun.Sample> samples() {
    return samples;
  }

  private String line(Counts counts) {
    Seen first = window.peekFirst();
    double seconds = (window.peekLast().nanos() - first.nanos()) / 1e9;
    double speed = (counts.finished() - first.counts().finished()) / seconds;
    double tokens =
        (counts.get(Tally.GENERATED_TOKENS) - first.counts().get(Tally.GENERATED_TOKENS)) / seconds;
    long done = counts.finished() + counts.get(Tally.SKIPPED);
    StringBuilder line = new StringBuilder();
    if (total.known()) {
      int full = (int) (BAR * Math.min(done, total.records()) / total.records());
      line.append('[').append("#".repeat(full)).append(".".repeat(BAR - full)).append("] ");
      line.append("%,d/%s%,d".formatted(done, total.exact() ? "" : "~", total.records()));
    } else {
      line.append("%,d %s".formatted(done, unit));
    }
    line.append(" %.1f %s/s %,.0f tokens/s".formatted(speed, unit, tokens));
    line.append(" %,d failed".formatted(counts.failed()));
    if (total.known() && speed > 0) {
      long left = (long) Math.ceil(Math.max(0, total.records() - done) / speed);
      line.append(" ETA ").append(clock(left));
    }
    return line.toString();
  }

  /** Minutes and seconds, and hours where there are some. */
  private static String clock(long seconds) {
    return seconds < 3600
        ? "%d:%02d".formatted(seconds / 60, seconds % 60)
        : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  private void keep(double seconds, long records) {
    double last = samples.isEmpty() ? 0 : samples.get(samples.size() - 1).seconds();
    if (seconds - last < sampleEvery) {
      return;
    }
    samples.add(new JobRun.Sample(seconds, records));
    if (samples.size() == MOST_SAMPLES) {
      sampleEvery = 2 * seconds / MOST_SAMPLES;
      for (int i = samples.size() - 2; i > 0; i -= 2) {
        samples.remove(i);
      }
    }
  }
}
