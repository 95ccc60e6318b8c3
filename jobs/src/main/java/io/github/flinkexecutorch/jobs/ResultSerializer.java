package io.github.flinkexecutorch.jobs;

import java.util.List;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Writes results to a topic with the timestamp of the record that they come from. The functions
 * must not throw: an exception here would restart the job for ever.
 *
 * @param topic where the results go; the key decides on the partition
 * @param key key of the record, which may be {@code null}
 * @param value value of the record, which may be {@code null}
 * @param headers headers of the record
 */
@Internal
public record ResultSerializer<T>(
    String topic,
    SerializableFunction<T, byte[]> key,
    SerializableFunction<T, byte[]> value,
    SerializableFunction<T, Iterable<Header>> headers)
    implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T result, KafkaSinkContext context, Long timestamp) {
    Long known = timestamp == null || timestamp < 0 ? null : timestamp;
    return new ProducerRecord<>(
        topic, null, known, key.apply(result), value.apply(result), headers.apply(result));
  }

  /** The topic, which the sink looks through for transactions of an earlier run. */
  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
  }
}
