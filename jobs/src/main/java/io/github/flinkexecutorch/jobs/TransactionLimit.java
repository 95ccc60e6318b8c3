package io.github.flinkexecutorch.jobs;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the transaction timeout of a job with the longest that the brokers allow, before the job
 * starts: the sinks would be refused only on the cluster, and the job restart for ever.
 */
final class TransactionLimit {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionLimit.class);
  private static final String SETTING = "transaction.max.timeout.ms";
  private static final int PATIENCE_SECONDS = 10;

  /**
   * Checks the options of a job. A client that cannot ask the brokers is no error, because the
   * cluster may reach them all the same: that is logged.
   *
   * @throws IllegalArgumentException if the brokers would refuse the timeout
   */
  static void check(StreamEnrichmentOptions options) throws InterruptedException {
    if (options.deliveryGuarantee != DeliveryGuarantee.EXACTLY_ONCE) {
      return;
    }
    try (Admin admin = Admin.create(options.clientProperties())) {
      Duration limit = ask(admin);
      if (options.transactionTimeout.compareTo(limit) > 0) {
        throw new IllegalArgumentException(
            "--transaction-timeout (transaction.timeout.ms = %d) is above the brokers' %s = %d. Lower the first or raise the second."
                .formatted(options.transactionTimeout.toMillis(), SETTING, limit.toMillis()));
      }
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      LOG.warn("Could not ask {} for {}: {}", options.bootstrapServers, SETTING, e.toString());
    }
  }

  private static Duration ask(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    Node broker =
        admin.describeCluster().nodes().get(PATIENCE_SECONDS, TimeUnit.SECONDS).iterator().next();
    ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker.idString());
    Map<ConfigResource, Config> configs =
        admin.describeConfigs(Set.of(resource)).all().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return Duration.ofMillis(Long.parseLong(configs.get(resource).get(SETTING).value()));
  }

  private TransactionLimit() {}
}
