package io.github.flinkexecutorch.llm.engine;

/**
 * What an engine has done since it was opened, and what it does at the moment.
 *
 * @param steps executions of the model
 * @param stepTokens tokens of all of them
 * @param stepRows rows of logits of all of them: sequences that a step brought a token further
 * @param promptTokens tokens of all prompts that were taken
 * @param cachedPromptTokens how many of those were found in the prefix cache
 * @param preemptions how often a sequence had to give its pages back
 * @param failedSteps executions that the runtime refused
 * @param running sequences being worked on
 * @param waiting requests that are not worked on yet, or not at the moment
 * @param pages KV pages in all
 * @param usedPages pages that sequences use
 * @param idlePages pages that only the prefix cache keeps
 * @param executionNanos time inside the runtime
 * @param overheadNanos time of the engine's thread between executions while there was work
 * @param latestStepNanos end of the latest execution by {@link System#nanoTime}, meaningless before
 *     the first
 */
public record EngineStats(
    long steps,
    long stepTokens,
    long stepRows,
    long promptTokens,
    long cachedPromptTokens,
    long preemptions,
    long failedSteps,
    int running,
    int waiting,
    int pages,
    int usedPages,
    int idlePages,
    long executionNanos,
    long overheadNanos,
    long latestStepNanos) {
  static final EngineStats NONE = new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Which part of the prompts' tokens was found in the prefix cache, 0 to 1. */
  public double prefixHitRate() {
    return promptTokens == 0 ? 0 : (double) cachedPromptTokens / promptTokens;
  }

  /** Tokens of an average step. */
  public double meanStepTokens() {
    return steps == 0 ? 0 : (double) stepTokens / steps;
  }

  /** Sequences that an average step brought a token further. */
  public double meanStepRows() {
    return steps == 0 ? 0 : (double) stepRows / steps;
  }

  /** KV pages that hold nothing. */
  public int freePages() {
    return pages - usedPages - idlePages;
  }

  /** The same, of {@code outstanding} requests that are not complete. */
  EngineStats withOutstanding(int outstanding) {
    return new EngineStats(
        steps,
        stepTokens,
        stepRows,
        promptTokens,
        cachedPromptTokens,
        preemptions,
        failedSteps,
        running,
        Math.max(0, outstanding - running),
        pages,
        usedPages,
        idlePages,
        executionNanos,
        overheadNanos,
        latestStepNanos);
  }

  /** Of an engine that counts no steps. */
  static EngineStats ofRequests(int running, int waiting) {
    return new EngineStats(0, 0, 0, 0, 0, 0, 0, running, waiting, 0, 0, 0, 0, 0, 0);
  }
}
