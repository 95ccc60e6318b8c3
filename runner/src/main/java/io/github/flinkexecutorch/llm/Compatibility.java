package io.github.flinkexecutorch.llm;

/** What a runner does where ExecuTorch's own runner behaves oddly; see {@link Quirk}. */
public enum Compatibility {
  /** What the options and the documentation of upstream say. */
  FIXED,
  /** What upstream's code does, for comparing the two. */
  UPSTREAM;

  boolean has(Quirk quirk) {
    return this == UPSTREAM && quirk.isReproduced();
  }
}
