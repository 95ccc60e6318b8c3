package io.github.flinkexecutorch.llm;

/** What upstream's runner would report of the generations of one conversation. */
final class UpstreamStats {
  private double samplingMs;
  private double executionMs;

  /** A new conversation begins. */
  void reset() {
    samplingMs = 0;
    executionMs = 0;
  }

  /**
   * The statistics with the quirks of {@link Compatibility#UPSTREAM}.
   *
   * @param promptTokens upstream's own count
   */
  Stats of(Stats stats, int promptTokens, boolean multimodal) {
    samplingMs += stats.aggregateSamplingTimeMs();
    executionMs += stats.aggregateModelExecutionTimeMs();
    return new Stats(
        stats.modelLoadStartMs(),
        stats.modelLoadEndMs(),
        stats.queuedMs(),
        stats.inferenceStartMs(),
        0,
        multimodal ? 0 : stats.modelExecutionStartMs(),
        multimodal ? 0 : stats.modelExecutionEndMs(),
        stats.firstTokenMs(), // stamped together with the first token
        stats.firstTokenMs(),
        stats.inferenceEndMs(),
        samplingMs,
        multimodal ? 0 : executionMs,
        promptTokens,
        Math.max(0, stats.numGeneratedTokens() - 1),
        0,
        0,
        stats.gpu());
  }
}
