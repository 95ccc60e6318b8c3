package io.github.flinkexecutorch.llm;

/**
 * Takes the stamps of one generation's {@link Stats}; confined to the runner's thread.
 *
 * <p>Stamps are nanoseconds of the monotonic clock until {@link #toStats} turns them into
 * wall-clock milliseconds.
 */
final class StatsRecorder {
  private static final double NANOS_PER_MILLI = 1e6;

  private long wallMillis = System.currentTimeMillis();
  private long start = System.nanoTime();

  private long encodeEnd;
  private long executionStart;
  private long executionEnd;
  private long promptEvalEnd;
  private long firstToken;
  private long executionNanos;
  private long samplingStart;
  private long samplingNanos;
  private int promptTokens;
  private int truncatedTokens;
  private int generatedTokens;

  /** The generation begins now, and not when this recorder was made. */
  void begin() {
    wallMillis = System.currentTimeMillis();
    start = System.nanoTime();
  }

  void promptEncoded(int tokens) {
    encodeEnd = System.nanoTime();
    promptTokens = tokens;
  }

  /** The prompt had so many tokens more before it was cut. */
  void promptTruncated(int tokens) {
    truncatedTokens = tokens;
  }

  void executionStarted() {
    executionStart = System.nanoTime();
  }

  void executionEnded() {
    executed(executionStart, System.nanoTime());
  }

  /** An execution, by the stamps of {@link System#nanoTime}. */
  void executed(long start, long end) {
    executionStart = start;
    executionEnd = end;
    executionNanos += end - start;
  }

  void promptEvaluated() {
    promptEvalEnd = System.nanoTime();
  }

  void samplingStarted() {
    samplingStart = System.nanoTime();
  }

  void tokenSampled() {
    long now = System.nanoTime();
    samplingNanos += now - samplingStart;
    if (generatedTokens++ == 0) {
      firstToken = now;
    }
  }

  /** The statistics up to now, which counts as the end of the generation. */
  Stats toStats(LoadTimes load) {
    return new Stats(
        load.startMs(),
        load.endMs(),
        0,
        wallMillis,
        wall(encodeEnd),
        wall(executionStart),
        wall(executionEnd),
        wall(promptEvalEnd),
        wall(firstToken),
        wall(System.nanoTime()),
        samplingNanos / NANOS_PER_MILLI,
        executionNanos / NANOS_PER_MILLI,
        promptTokens,
        generatedTokens,
        0,
        truncatedTokens,
        GpuMemory.ABSENT);
  }

  private long wall(long nanos) {
    return nanos == 0 ? 0 : wallMillis + Math.round((nanos - start) / NANOS_PER_MILLI);
  }
}
