package io.github.flinkexecutorch.connector;

/**
 * The sampling seed of a record: a function of its id and nothing else, so that a replay after a
 * failure, on whichever subtask, writes the same completion again.
 */
final class RecordSeed {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private RecordSeed() {}

  /** FNV-1a over the characters of the id, then the finalizer of SplitMix64 to spread the bits. */
  static long of(String id, long base) {
    long hash = FNV_OFFSET ^ base;
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * FNV_PRIME;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }
}
