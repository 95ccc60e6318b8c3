package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.api.Test;

/** What brokers that are not Kafka's own may answer. */
class BrokerLimitsTest {

  @Test
  void shouldReadNumbersOnly() {
    Config config =
        new Config(
            List.of(
                new ConfigEntry("number", "900000"),
                new ConfigEntry("secret", null),
                new ConfigEntry("empty", ""),
                new ConfigEntry("text", "15 min")));

    assertThat(BrokerLimits.number(config, "number")).hasValue(900_000);
    assertThat(List.of("secret", "empty", "text", "missing"))
        .allSatisfy(setting -> assertThat(BrokerLimits.number(config, setting)).isEmpty());
  }
}
