package io.github.flinkexecutorch.llm.engine;

/**
 * What an engine has done since it was opened, and what it does at the moment.
 *
 * @param steps executions of the model
 * @param stepTokens tokens of all of them
 * @param promptTokens tokens of all prompts that were taken
 * @param cachedPromptTokens how many of those were found in the prefix cache
 * @param preemptions how often a sequence had to give its pages back
 * @param failedSteps executions that the runtime refused
 * @param running sequences being worked on
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
    long promptTokens,
    long cachedPromptTokens,
    long preemptions,
    long failedSteps,
    int running,
    int pages,
    int usedPages,
    int idlePages,
    long executionNanos,
    long overheadNanos,
    long latestStepNanos) {
  static final EngineStats NONE = new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Which part of the prompts' tokens was found in the prefix cache, 0 to 1. */
  public double prefixHitRate() {
    return promptTokens == 0 ? 0 : (double) cachedPromptTokens / promptTokens;
  }

  /** Tokens of an average step. */
  public double meanStepTokens() {
    return steps == 0 ? 0 : (double) stepTokens / steps;
  }
}
