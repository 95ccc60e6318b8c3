package io.github.flinkexecutorch.llm.engine;

/**
 * What an engine takes of native memory, in bytes.
 *
 * @param weights the program's files, and what XNNPACK packs of them once more
 * @param pages keys and values
 * @param pageTokens tokens that all pages together hold
 * @param workspace planned memory of the program's methods, their outputs included; if the program
 *     takes images, also the cache of their embeddings, and those of sequences: as many as all
 *     pages together hold tokens, and one context for those that wait
 */
public record MemoryPlan(long weights, long pages, long pageTokens, long workspace) {
  private static final double MIB = 1024 * 1024;

  public long total() {
    return weights + pages + workspace;
  }

  /** The plan in one line. */
  @Override
  public String toString() {
    return "weights %.1f MiB, KV pages %.1f MiB (%,d tokens), workspace %.1f MiB; %.1f MiB in all"
        .formatted(weights / MIB, pages / MIB, pageTokens, workspace / MIB, total() / MIB);
  }
}
