package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServingSettingsTest {

  @Test
  void shouldAddNothingButRetriesAndAWarningByDefault() {
    assertThat(ServingSettings.from(new Configuration()))
        .usingRecursiveComparison()
        .ignoringFields("maxTries", "memoryCheck")
        .isEqualTo(ServingSettings.PLAIN);
  }

  @Test
  void shouldReadOptionsAsTextsSayThem() {
    ServingSettings settings =
        ServingSettings.from(
            Configuration.fromMap(
                Map.of(
                    "executorch.cache.max-bytes", "1mb",
                    "executorch.retry.max-attempts", "1",
                    "executorch.rate.records-per-second", "0.5",
                    "executorch.warm-up.prompt-tokens", "1;16",
                    "executorch.memory.check", "FAIL")));

    assertThat(settings.cacheBytes()).isEqualTo(1 << 20);
    assertThat(settings.maxTries()).isEqualTo(1);
    assertThat(settings.recordsPerSecond()).isEqualTo(0.5);
    assertThat(settings.warmUpTokens()).containsExactly(1, 16);
    assertThat(settings.memoryCheck()).isEqualTo(MemoryCheck.FAIL);
  }

  @ParameterizedTest
  @CsvSource({
    "executorch.retry.max-attempts, 0",
    "executorch.rate.records-per-second, -1",
    "executorch.rate.records-per-second, NaN",
    "executorch.warm-up.prompt-tokens, 0",
  })
  void shouldNameTheOptionThatCannotWork(String key, String value) {
    Configuration options = Configuration.fromMap(Map.of(key, value));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServingSettings.from(options))
        .withMessageContaining(key);
  }
}
