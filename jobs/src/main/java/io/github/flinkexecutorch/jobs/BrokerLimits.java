package io.github.flinkexecutorch.jobs;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a job's options with what the brokers allow, before the job starts: the sinks would be
 * refused only on the cluster, and the job restart for ever.
 */
final class BrokerLimits {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerLimits.class);
  private static final String TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";
  private static final int PATIENCE_MS = 10_000;

  /**
   * Checks the options of a job. What the brokers do not say is no error, because the cluster may
   * reach what this client does not, or a topic be made later: that is logged.
   *
   * @throws IllegalArgumentException if the brokers would refuse the transactions or a message
   */
  static void check(StreamEnrichmentOptions options) throws InterruptedException {
    try (Admin admin = Admin.create(options.clientProperties())) {
      if (options.deliveryGuarantee == DeliveryGuarantee.EXACTLY_ONCE) {
        checkTransactions(admin, options);
      }
      checkMessages(admin, options);
    } catch (KafkaException e) {
      LOG.warn("Could not ask {} for its limits: {}", options.bootstrapServers, e.toString());
    }
  }

  private static void checkTransactions(Admin admin, StreamEnrichmentOptions options)
      throws InterruptedException {
    List<String> brokers =
        answer(
                admin.describeCluster(new DescribeClusterOptions().timeoutMs(PATIENCE_MS)).nodes(),
                "the brokers")
            .stream()
            .flatMap(Collection::stream)
            .limit(1) // all have the same limits
            .map(Node::idString)
            .toList();
    Map<String, Long> limits = ask(admin, ConfigResource.Type.BROKER, brokers, TRANSACTION_TIMEOUT);
    for (long limit : limits.values()) {
      if (options.transactionTimeout.toMillis() > limit) {
        throw new IllegalArgumentException(
            "--transaction-timeout (transaction.timeout.ms = %d) is above the brokers' %s = %d. Lower the first or raise the second."
                .formatted(options.transactionTimeout.toMillis(), TRANSACTION_TIMEOUT, limit));
      }
    }
  }

  private static void checkMessages(Admin admin, StreamEnrichmentOptions options)
      throws InterruptedException {
    List<String> topics =
        List.of(options.completionsTopic, options.statsTopic, options.deadLettersTopic);
    int largest = MessageSize.largest(options.clientProperties());
    Map<String, Long> limits =
        ask(admin, ConfigResource.Type.TOPIC, topics, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    for (Map.Entry<String, Long> limit : limits.entrySet()) {
      if (largest > limit.getValue()) {
        throw new IllegalArgumentException(
            "--kafka-property %s = %d is above the %s = %d of the topic %s, which would refuse a large message. Lower the first or raise the second."
                .formatted(
                    ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                    largest,
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    limit.getValue(),
                    limit.getKey()));
      }
    }
  }

  /** The values of a setting, by the names of those that say it. */
  private static Map<String, Long> ask(
      Admin admin, ConfigResource.Type type, List<String> names, String setting)
      throws InterruptedException {
    List<ConfigResource> resources =
        names.stream().distinct().map(name -> new ConfigResource(type, name)).toList();
    Map<ConfigResource, KafkaFuture<Config>> asked =
        admin
            .describeConfigs(resources, new DescribeConfigsOptions().timeoutMs(PATIENCE_MS))
            .values();
    Map<String, Long> limits = new LinkedHashMap<>();
    for (ConfigResource resource : resources) {
      Optional<Config> config = answer(asked.get(resource), resource.toString());
      if (config.isPresent()) {
        OptionalLong limit = number(config.get(), setting);
        if (limit.isPresent()) {
          limits.put(resource.name(), limit.getAsLong());
        } else {
          LOG.warn("{} does not say its {}", resource, setting);
        }
      }
    }
    return limits;
  }

  private static <T> Optional<T> answer(KafkaFuture<T> asked, String whom)
      throws InterruptedException {
    try {
      return Optional.of(asked.get());
    } catch (ExecutionException e) {
      LOG.warn("Could not ask {} for its limits: {}", whom, e.getCause().toString());
      return Optional.empty();
    }
  }

  /** What a setting is; empty where it is not listed or no number. */
  static OptionalLong number(Config config, String setting) {
    ConfigEntry entry = config.get(setting);
    try {
      return entry == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(entry.value()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private BrokerLimits() {}
}
