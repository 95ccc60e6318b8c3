package io.github.flinkexecutorch.runtime;

/** Which XNNPACK delegates share one memory area for their intermediate results. */
public enum WorkspaceSharing {
  /** None: most memory, no waiting. */
  DISABLED(0),
  /** Those of one loaded method: modules never wait for each other. */
  PER_MODEL(1),
  /** All in the process: least memory, and only one delegate computes at a time. */
  GLOBAL(2);

  private final int code;

  WorkspaceSharing(int code) {
    this.code = code;
  }

  /** XNNPACK's number. */
  int code() {
    return code;
  }
}
