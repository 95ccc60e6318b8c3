package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.RecordHeader;
import io.github.flinkexecutorch.connector.RecordOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RecordOriginDeserializerTest {
  private static final byte[] ANY = {0, -1, 127, -128};

  @Test
  void shouldKeepEverythingOfRecord() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("a", ANY).add("a", null);

    RecordOrigin origin = deserialize(ANY, ANY, headers);

    assertThat(origin.topic()).isEqualTo("topic");
    assertThat(origin.partition()).isEqualTo(3);
    assertThat(origin.offset()).isEqualTo(42);
    assertThat(origin.timestamp()).isEqualTo(17);
    assertThat(origin.key()).isEqualTo(ANY);
    assertThat(origin.value()).isEqualTo(ANY);
    assertThat(origin.headers()).extracting(RecordHeader::key).containsExactly("a", "a");
    assertThat(origin.headers()[0].value()).isEqualTo(ANY);
    assertThat(origin.headers()[1].value()).isNull();
  }

  @Test
  void shouldPassTombstoneWithoutKey() {
    RecordOrigin origin = deserialize(null, null, new RecordHeaders());

    assertThat(origin.key()).isNull();
    assertThat(origin.value()).isNull();
  }

  private static RecordOrigin deserialize(byte[] key, byte[] value, RecordHeaders headers) {
    List<RecordOrigin> origins = new ArrayList<>();
    new RecordOriginDeserializer()
        .deserialize(
            new ConsumerRecord<>(
                "topic",
                3,
                42,
                17,
                TimestampType.CREATE_TIME,
                -1,
                -1,
                key,
                value,
                headers,
                Optional.empty()),
            new ListCollector<>(origins));
    assertThat(origins).hasSize(1);
    return origins.get(0);
  }
}
