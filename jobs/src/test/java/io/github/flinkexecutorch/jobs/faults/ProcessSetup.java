package io.github.flinkexecutorch.jobs.faults;

import java.util.Map;

/**
 * What processes of one kind are started with, beside what those of tests always are.
 *
 * @param settings lines of their configuration, more or instead of others
 * @param environment variables
 */
record ProcessSetup(Map<String, String> settings, Map<String, String> environment) {
  static final ProcessSetup PLAIN = new ProcessSetup(Map.of(), Map.of());

  static ProcessSetup settings(Map<String, String> settings) {
    return new ProcessSetup(settings, Map.of());
  }

  static ProcessSetup environment(Map<String, String> environment) {
    return new ProcessSetup(Map.of(), environment);
  }
}
