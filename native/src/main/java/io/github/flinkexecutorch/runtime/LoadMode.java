package io.github.flinkexecutorch.runtime;

/** How the bytes of a program file reach memory. */
public enum LoadMode {
  /** Read into anonymous memory; the file may change or vanish afterwards. */
  FILE(0),
  /** Mapped read-only; pages are shared with every other process that maps the same file. */
  MMAP(1),
  /** Mapped and locked in memory; fails where the process may not lock that much. */
  MMAP_MLOCK(2),
  /** Mapped and locked where the process may, mapped only where it may not. */
  MMAP_MLOCK_IGNORE_ERRORS(3);

  private final int code;

  LoadMode(int code) {
    this.code = code;
  }

  /** The number of this mode in et_bridge.h. */
  int code() {
    return code;
  }
}
