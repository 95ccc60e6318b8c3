package io.github.flinkexecutorch.connector;

import java.io.Serializable;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * What stands between the engine of a subtask and its requests.
 *
 * @param cacheBytes most memory of the answers that are kept, 0 for no cache
 * @param maxTries how often a request is generated at most
 * @param recordsPerSecond most requests that are begun per second, 0 for no limit
 * @param warmUpTokens lengths of the prompts that are run before the first request
 * @param memoryCheck what happens when the model takes too much native memory
 */
record ServingSettings(
    long cacheBytes,
    int maxTries,
    double recordsPerSecond,
    List<Integer> warmUpTokens,
    MemoryCheck memoryCheck)
    implements Serializable {

  /** The engine alone. */
  static final ServingSettings PLAIN = new ServingSettings(0, 1, 0, List.of(), MemoryCheck.NONE);

  ServingSettings {
    warmUpTokens = List.copyOf(warmUpTokens);
  }

  /**
   * @throws IllegalArgumentException naming the option that cannot work
   */
  static ServingSettings from(ReadableConfig options) {
    double rate = options.get(ExecuTorchOptions.RATE);
    int maxTries = options.get(ExecuTorchOptions.RETRY_MAX_ATTEMPTS);
    List<Integer> warmUp = options.get(ExecuTorchOptions.WARM_UP);
    require(
        rate >= 0 && Double.isFinite(rate), ExecuTorchOptions.RATE, ">= 0 (0 for no limit)", rate);
    require(maxTries >= 1, ExecuTorchOptions.RETRY_MAX_ATTEMPTS, ">= 1 (1 for no retry)", maxTries);
    require(
        warmUp.stream().allMatch(tokens -> tokens >= 1),
        ExecuTorchOptions.WARM_UP,
        "lengths >= 1",
        warmUp);
    return new ServingSettings(
        options.get(ExecuTorchOptions.CACHE_MAX_BYTES).getBytes(),
        maxTries,
        rate,
        warmUp,
        options.get(ExecuTorchOptions.MEMORY_CHECK));
  }

  private static void require(boolean valid, ConfigOption<?> option, String rule, Object value) {
    if (!valid) {
      throw new IllegalArgumentException(
          "Option " + option.key() + " must be " + rule + ", got " + value + ".");
    }
  }
}
