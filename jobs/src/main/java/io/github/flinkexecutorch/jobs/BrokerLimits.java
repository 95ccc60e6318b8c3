package io.github.flinkexecutorch.jobs;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
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
  private static final int PATIENCE_SECONDS = 10;

  /**
   * Checks the options of a job. A client that cannot ask the brokers is no error, because the
   * cluster may reach them all the same: that is logged.
   *
   * @throws IllegalArgumentException if the brokers would refuse the transactions or a message
   */
  static void check(StreamEnrichmentOptions options) throws InterruptedException {
    try (Admin admin = Admin.create(options.clientProperties())) {
      if (options.deliveryGuarantee == DeliveryGuarantee.EXACTLY_ONCE) {
        checkTransactions(admin, options);
      }
      for (String topic :
          List.of(options.completionsTopic, options.statsTopic, options.deadLettersTopic)) {
        checkMessages(admin, options, topic);
      }
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      LOG.warn("Could not ask {} for its limits: {}", options.bootstrapServers, e.toString());
    }
  }

  private static void checkTransactions(Admin admin, StreamEnrichmentOptions options)
      throws InterruptedException, ExecutionException, TimeoutException {
    Node broker =
        admin.describeCluster().nodes().get(PATIENCE_SECONDS, TimeUnit.SECONDS).iterator().next();
    Duration limit =
        Duration.ofMillis(
            ask(admin, ConfigResource.Type.BROKER, broker.idString(), TRANSACTION_TIMEOUT));
    if (options.transactionTimeout.compareTo(limit) > 0) {
      throw new IllegalArgumentException(
          "--transaction-timeout (transaction.timeout.ms = %d) is above the brokers' %s = %d. Lower the first or raise the second."
              .formatted(
                  options.transactionTimeout.toMillis(), TRANSACTION_TIMEOUT, limit.toMillis()));
    }
  }

  private static void checkMessages(Admin admin, StreamEnrichmentOptions options, String topic)
      throws InterruptedException, ExecutionException, TimeoutException {
    long limit = ask(admin, ConfigResource.Type.TOPIC, topic, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    int largest = MessageSize.largest(options.clientProperties());
    if (largest > limit) {
      throw new IllegalArgumentException(
          "--kafka-property %s = %d is above the %s = %d of the topic %s, which would refuse a large message. Lower the first or raise the second."
              .formatted(
                  ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                  largest,
                  TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                  limit,
                  topic));
    }
  }

  private static long ask(Admin admin, ConfigResource.Type type, String name, String setting)
      throws InterruptedException, ExecutionException, TimeoutException {
    ConfigResource resource = new ConfigResource(type, name);
    Map<ConfigResource, Config> configs =
        admin.describeConfigs(Set.of(resource)).all().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return Long.parseLong(configs.get(resource).get(setting).value());
  }

  private BrokerLimits() {}
}
