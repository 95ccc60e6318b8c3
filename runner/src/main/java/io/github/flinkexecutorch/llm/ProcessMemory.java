package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.Internal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of this process as Linux counts it; native memory and the Java heap together. */
@Internal
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long KIB = 1024;

  private ProcessMemory() {}

  /** Bytes at the moment, 0 where the system does not tell. */
  public static long rssBytes() {
    return read("VmRSS:");
  }

  /** Most bytes so far, 0 where the system does not tell; upstream's {@code get_rss_bytes}. */
  public static long peakRssBytes() {
    return read("VmHWM:");
  }

  private static long read(String name) {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(name)) {
          return KIB * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
      return 0;
    } catch (IOException e) {
      return 0; // there is no other way to say that it is not known
    }
  }
}
