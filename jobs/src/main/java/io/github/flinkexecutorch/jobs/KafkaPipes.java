package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.Failure;
import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.connector.StatsReport;
import java.util.Properties;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The topics of {@link StreamEnrichmentJob} as Flink sources and sinks. */
final class KafkaPipes {

  /** Raw records, from the committed offsets of the group or else from the beginning. */
  @SuppressWarnings("deprecation") // the source takes no other type for what to do without offsets
  static KafkaSource<RecordOrigin> requests(StreamEnrichmentOptions options) {
    KafkaSourceBuilder<RecordOrigin> source =
        KafkaSource.<RecordOrigin>builder()
            .setProperties(options.clientProperties())
            .setTopics(options.requestsTopic)
            .setGroupId(options.groupId)
            .setStartingOffsets(
                OffsetsInitializer.committedOffsets(
                    org.apache.kafka.clients.consumer.OffsetResetStrategy.EARLIEST))
            .setDeserializer(new RecordOriginDeserializer());
    if (options.bounded) {
      source.setBounded(OffsetsInitializer.latest());
    }
    return source.build();
  }

  /** Completions as JSON under the key of their request. */
  static KafkaSink<Completion> completions(StreamEnrichmentOptions options) {
    return sink(
        options,
        options.completionsTopic,
        KafkaRecordSerializationSchema.<Completion>builder()
            .setTopic(options.completionsTopic)
            .setKeySerializationSchema(Completion::key)
            .setValueSerializationSchema(ResultJson::of)
            .build());
  }

  /** Stats as JSON under the key of their request. */
  static KafkaSink<StatsReport> stats(StreamEnrichmentOptions options) {
    return sink(
        options,
        options.statsTopic,
        KafkaRecordSerializationSchema.<StatsReport>builder()
            .setTopic(options.statsTopic)
            .setKeySerializationSchema(StatsReport::key)
            .setValueSerializationSchema(ResultJson::of)
            .build());
  }

  /** Records that failed, byte for byte as they came in, with {@link DeadLetterHeaders} added. */
  static KafkaSink<Failure> deadLetters(StreamEnrichmentOptions options) {
    return sink(
        options,
        options.deadLettersTopic,
        KafkaRecordSerializationSchema.<Failure>builder()
            .setTopic(options.deadLettersTopic)
            .setKeySerializationSchema(failure -> failure.origin().key())
            .setValueSerializationSchema(failure -> failure.origin().value())
            .setHeaderProvider(DeadLetterHeaders::of)
            .build());
  }

  private static <T> KafkaSink<T> sink(
      StreamEnrichmentOptions options, String topic, KafkaRecordSerializationSchema<T> serializer) {
    Properties properties = options.clientProperties();
    properties.setProperty(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        Long.toString(options.transactionTimeout.toMillis()));
    // POOLING keeps the number of transactional ids on the broker constant over a job's life.
    return KafkaSink.<T>builder()
        .setKafkaProducerConfig(properties)
        .setDeliveryGuarantee(options.deliveryGuarantee)
        .setTransactionalIdPrefix(options.transactionalIdPrefix(topic))
        .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
        .setRecordSerializer(serializer)
        .build();
  }

  private KafkaPipes() {}
}
