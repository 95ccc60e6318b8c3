package io.github.flinkexecutorch.llm;

/** When a model was loaded, in milliseconds since the epoch; zeros if that is not told. */
record LoadTimes(long startMs, long endMs) {
  static final LoadTimes NOT_STAMPED = new LoadTimes(0, 0);
}
