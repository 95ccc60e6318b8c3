package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.RecordHeader;
import io.github.flinkexecutorch.connector.RecordOrigin;
import java.util.stream.StreamSupport;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Takes Kafka records as they are, null keys and values too. It reads no content, so no record can
 * make it throw: an exception here would restart the job for ever.
 */
final class RecordOriginDeserializer implements KafkaRecordDeserializationSchema<RecordOrigin> {
  private static final long serialVersionUID = 1L;

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<RecordOrigin> out) {
    RecordHeader[] headers =
        StreamSupport.stream(record.headers().spliterator(), false)
            .map(header -> new RecordHeader(header.key(), header.value()))
            .toArray(RecordHeader[]::new);
    out.collect(
        new RecordOrigin(
            record.topic(),
            record.partition(),
            record.offset(),
            record.timestamp(),
            record.key(),
            record.value(),
            headers));
  }

  @Override
  public TypeInformation<RecordOrigin> getProducedType() {
    return TypeInformation.of(RecordOrigin.class);
  }
}
