package io.github.flinkexecutorch.jobs;

import static java.util.Comparator.comparingInt;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigUtils;

/** The keys of the connector's options. Flink ignores a key that is misspelled. */
final class ConnectorKeys {
  private static final String PREFIX = "executorch.";
  private static final Set<String> KNOWN =
      ConfigUtils.getAllConfigOptions(ExecuTorchOptions.class).stream()
          .map(ConfigOption::key)
          .collect(Collectors.toCollection(TreeSet::new));

  /**
   * Checks the keys that begin as the connector's do; others are somebody else's.
   *
   * @throws IllegalArgumentException naming a key that is no option, and the option most like it
   */
  static void requireKnown(Set<String> given) {
    for (String key : given) {
      if (key.startsWith(PREFIX) && !KNOWN.contains(key)) {
        throw new IllegalArgumentException(
            "--option %s is no option of the connector; did you mean %s?"
                .formatted(key, nearest(key)));
      }
    }
  }

  private static String nearest(String key) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return KNOWN.stream().min(comparingInt(known -> distance.apply(key, known))).orElseThrow();
  }

  private ConnectorKeys() {}
}
