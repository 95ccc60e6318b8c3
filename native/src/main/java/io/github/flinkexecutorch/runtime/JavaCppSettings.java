package io.github.flinkexecutorch.runtime;

import java.util.Map;

/**
 * JavaCPP reads its settings from system properties when its classes initialize, which loading our
 * glue causes. We make no JavaCPP pointer, so its memory limits, which would count the runtime's
 * weights, and its collector thread, which would keep a job's class loader alive, have no use here.
 * What the user set stays, and other class loaders see no change.
 */
final class JavaCppSettings {
  private static final Map<String, String> OURS =
      Map.of(
          "org.bytedeco.javacpp.maxBytes", "0",
          "org.bytedeco.javacpp.maxPhysicalBytes", "0",
          "org.bytedeco.javacpp.noPointerGC", "true");

  private JavaCppSettings() {}

  /** Runs {@code load} under our settings; the caller holds the process-wide lock. */
  static void during(Runnable load) {
    var added = OURS.keySet().stream().filter(name -> System.getProperty(name) == null).toList();
    added.forEach(name -> System.setProperty(name, OURS.get(name)));
    try {
      load.run();
    } finally {
      added.forEach(System::clearProperty);
    }
  }
}
