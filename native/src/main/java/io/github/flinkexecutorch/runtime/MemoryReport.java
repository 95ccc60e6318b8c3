package io.github.flinkexecutorch.runtime;

import java.util.Map;

/**
 * Native memory of one module.
 *
 * @param programBytes size of the program file and its data files (shared by all modules of the
 *     program)
 * @param plannedBytes planned memory of each loaded method, by name
 */
public record MemoryReport(long programBytes, Map<String, Long> plannedBytes) {
  public MemoryReport {
    plannedBytes = Map.copyOf(plannedBytes);
  }
}
