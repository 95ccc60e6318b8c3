package io.github.flinkexecutorch.jobs;

import java.time.Duration;
import java.util.Properties;
import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Topics as sinks. */
@Internal
public final class ResultSink {
  /**
   * The sink of a topic.
   *
   * @param client what every Kafka client of the job gets
   * @param transactionTimeout longest time between two checkpoints, within what the brokers allow
   * @param transactionalIdPrefix of this job and this topic alone, the same in every start
   */
  public static <T> KafkaSink<T> of(
      ResultSerializer<T> serializer,
      Properties client,
      DeliveryGuarantee guarantee,
      Duration transactionTimeout,
      String transactionalIdPrefix) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.setProperty(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Long.toString(transactionTimeout.toMillis()));
    // POOLING keeps the number of transactional ids on the broker constant over a job's life.
    return KafkaSink.<T>builder()
        .setKafkaProducerConfig(properties)
        .setDeliveryGuarantee(guarantee)
        .setTransactionalIdPrefix(transactionalIdPrefix)
        .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
        .setRecordSerializer(serializer)
        .build();
  }

  private ResultSink() {}
}
