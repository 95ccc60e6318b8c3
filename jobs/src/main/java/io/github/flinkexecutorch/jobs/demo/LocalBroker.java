package io.github.flinkexecutorch.jobs.demo;

import java.time.Duration;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;

/**
 * One real Kafka broker with its KRaft controller, in this process, on a free loopback port.
 *
 * <p>Its data live in a temporary folder that {@link #close()} deletes.
 */
@Internal
public final class LocalBroker implements KafkaBroker {
  private static final int ATTEMPTS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaClusterTestKit cluster;

  private LocalBroker(KafkaClusterTestKit cluster) {
    this.cluster = cluster;
  }

  /** Starts a broker and returns when clients can use it. */
  public static LocalBroker start() throws Exception {
    for (int attempt = 1; ; attempt++) {
      LocalBroker broker = new LocalBroker(startedCluster());
      try {
        broker.awaitProducerIds(PATIENCE);
        return broker;
      } catch (TimeoutException e) {
        broker.close();
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static KafkaClusterTestKit startedCluster() throws Exception {
    TestKitNodes nodes =
        new TestKitNodes.Builder()
            .setCombined(true)
            .setNumBrokerNodes(1)
            .setNumControllerNodes(1)
            .build();
    // A single broker cannot hold the three replicas that the internal topics have by default.
    KafkaClusterTestKit cluster =
        new KafkaClusterTestKit.Builder(nodes)
            .setConfigProp("offsets.topic.replication.factor", "1")
            .setConfigProp("offsets.topic.num.partitions", "4")
            .setConfigProp("transaction.state.log.replication.factor", "1")
            .setConfigProp("transaction.state.log.min.isr", "1")
            .setConfigProp("transaction.state.log.num.partitions", "4")
            .setConfigProp("auto.create.topics.enable", "false")
            .build();
    try {
      cluster.format();
      cluster.startup();
      cluster.waitForReadyBrokers();
      return cluster;
    } catch (Exception e) {
      cluster.close();
      throw e;
    }
  }

  @Override
  public String bootstrapServers() {
    return cluster.bootstrapServers();
  }

  /** Stops the broker, its controller and all their threads. */
  @Override
  public void close() {
    try {
      cluster.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("The local Kafka broker did not stop cleanly.", e);
    }
  }
}
