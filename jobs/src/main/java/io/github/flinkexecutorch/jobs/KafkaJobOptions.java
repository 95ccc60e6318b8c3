package io.github.flinkexecutorch.jobs;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine.Option;

/** The arguments of jobs that know Kafka. Read-only once parsed. */
@PublicEvolving
public abstract class KafkaJobOptions extends JobOptions {
  @Option(
      names = "--kafka-property",
      paramLabel = "key=value",
      description = "A property for every Kafka client, such as security.protocol=SSL.")
  private Map<String, String> kafkaProperties = new LinkedHashMap<>();

  /** What every Kafka client of the job gets. */
  protected final Properties clientProperties(String bootstrapServers) {
    Properties properties = new Properties();
    properties.putAll(kafkaProperties);
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return properties;
  }
}
