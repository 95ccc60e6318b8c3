package io.github.flinkexecutorch.jobs.demo;

/**
 * The figures of one demo run, as {@code report.json} has them.
 *
 * @param recordsIn records produced to the requests topic
 * @param completions records in the completions topic under read_committed
 * @param deadLetters records in the dead-letters topic under read_committed
 * @param exactMatch share of the tickets whose completion equals the expected JSON byte for byte
 * @param parallelism subtasks of the job
 * @param seconds from the job's submission to its end, loading the model included
 * @param recordsPerSecond completions and dead letters by {@code seconds}
 * @param flowingRecordsPerSecond the same from the first results to the last
 * @param tokensPerSecond generated tokens by {@code seconds}
 * @param generatedTokens tokens generated
 * @param promptTokens tokens read
 * @param ttftMsP50 median time from the start of a generation to its first token
 * @param ttftMsP95 95th percentile of the same
 * @param modelDigest SHA-256 of the model's files
 */
record DemoReport(
    int recordsIn,
    int completions,
    int deadLetters,
    double exactMatch,
    int parallelism,
    double seconds,
    double recordsPerSecond,
    double flowingRecordsPerSecond,
    double tokensPerSecond,
    long generatedTokens,
    long promptTokens,
    long ttftMsP50,
    long ttftMsP95,
    String modelDigest) {
  private static final double WANTED_MATCH = 0.97;

  /** Whether every record came out once and the answers are as good as the model promises. */
  boolean passed(DemoInput input) {
    return completions == input.tickets().size()
        && deadLetters == input.badRecords().size()
        && recordsIn == completions + deadLetters
        && exactMatch >= WANTED_MATCH;
  }
}
