package io.github.flinkexecutorch.runtime;

/** Which threads a module computes on. */
public enum Threading {
  /** The process-wide pool; modules that execute at the same time take turns on it. */
  POOL,
  /**
   * Only the calling thread: as many modules as slots run side by side without sharing anything.
   */
  INLINE
}
