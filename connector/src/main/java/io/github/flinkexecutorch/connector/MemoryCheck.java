package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/** What happens when a model takes more native memory than the TaskManager has for it. */
@PublicEvolving
public enum MemoryCheck {
  /** Nothing: nobody looks. */
  NONE,
  /** A warning in the log says which number to set. */
  WARN,
  /** The job fails at its start, saying which number to set. */
  FAIL
}
