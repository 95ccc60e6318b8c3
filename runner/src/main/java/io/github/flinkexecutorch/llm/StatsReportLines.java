package io.github.flinkexecutorch.llm;

import java.util.Locale;

/** Statistics for people to read, in the order and the words of ExecuTorch's runner. */
final class StatsReportLines {
  private static final double MILLIS = 1000;
  private static final double BYTES_PER_MB = 1024 * 1024;

  private final StringBuilder lines = new StringBuilder();

  private StatsReportLines() {}

  static String of(Stats stats) {
    StatsReportLines report = new StatsReportLines();
    report.line("PyTorchObserver %s", stats.toJson());
    report.line(
        "\tPrompt Tokens: %d    Generated Tokens: %d",
        stats.numPromptTokens(), stats.numGeneratedTokens());
    report.line("\tModel Load Time:\t\t%f (seconds)", stats.modelLoadMs() / MILLIS);
    report.rate("\tTotal inference time:\t\t", stats.numGeneratedTokens(), stats.inferenceMs());
    report.rate("\t\tPrompt evaluation:\t", stats.numPromptTokens(), stats.promptEvalMs());
    report.rate(
        "\t\tGenerated " + stats.numGeneratedTokens() + " tokens:\t",
        stats.numGeneratedTokens(),
        stats.decodeMs());
    report.line(
        "\tTime to first generated token:\t%f (seconds)", stats.timeToFirstTokenMs() / MILLIS);
    report.line(
        "\tSampling time over %d tokens:\t%f (seconds)",
        stats.numPromptTokens() + stats.numGeneratedTokens(),
        stats.aggregateSamplingTimeMs() / MILLIS);
    stats
        .gpu()
        .print(
            (key, bytes) -> report.line("\t%s:\t%.2f MB", key, bytes / BYTES_PER_MB),
            peak -> report.line("\tgpu_peak_usage_mb:\t%.2f MB", peak));
    return report.lines.toString();
  }

  private void rate(String label, int tokens, long millis) {
    double perSecond = millis == 0 ? 0 : tokens * MILLIS / millis;
    line("%s%f (seconds)\t\t Rate: \t%f (tokens/second)", label, millis / MILLIS, perSecond);
  }

  private void line(String format, Object... values) {
    if (!lines.isEmpty()) {
      lines.append('\n');
    }
    lines.append(String.format(Locale.ROOT, format, values));
  }
}
