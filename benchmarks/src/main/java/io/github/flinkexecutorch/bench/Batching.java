package io.github.flinkexecutorch.bench;

/** How prompts come together in the engine. */
enum Batching {
  /** The engine has them all and fills each place as soon as it is free. */
  CONTINUOUS,
  /** So many at a time; a place that is free stays empty until all of them are done. */
  WAVES,
  /**
   * So many at a time, each of which goes on until the longest of them is done, as a batch of fixed
   * size does: what a completion has too much is dropped.
   */
  STATIC
}
