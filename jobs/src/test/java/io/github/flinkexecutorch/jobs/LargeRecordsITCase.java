package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.FailureKind;
import io.github.flinkexecutorch.connector.FaultReport;
import io.github.flinkexecutorch.jobs.demo.LocalBroker;
import io.github.flinkexecutorch.jobs.demo.Topic;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Records whose results would be too large for a message; none may restart the job. */
class LargeRecordsITCase {
  private static final byte[] NO_TEXT = {0, -1, 7};
  private static final long TIMESTAMP = 1_700_000_000_000L;

  /** Fits into a message, but not with what a dead letter adds. */
  private static final int LARGE = (1 << 20) - 600;

  private static final String SHORT = "{\"message\":\"hello\",\"options\":{\"max_new_tokens\":1}}";

  @RegisterExtension static final MiniClusterExtension FLINK = new MiniClusterExtension();

  private static JobTopics topics;
  private static List<ConsumerRecord<byte[], byte[]>> completions;
  private static Map<Long, ConsumerRecord<byte[], byte[]>> letters;

  @BeforeAll
  static void runJob() throws Exception {
    try (LocalBroker broker = LocalBroker.start()) {
      topics = JobTopics.create(broker, "large", 1);
      broker.produce(
          List.of(
              record(NO_TEXT, SHORT, new RecordHeader("trace", NO_TEXT)),
              record(new byte[LARGE], SHORT),
              record(null, SHORT, new RecordHeader("trace", new byte[LARGE])),
              record(null, "{\"id\":\"" + "👋".repeat(90_000) + "\",\"message\":\"hello\"}"),
              record(null, "{\"message\":\"Where is my parcel?\"}")));
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      String small = "executorch.generation.max-completion-size=30b";
      StreamEnrichmentJob.define(env, topics.options("--parallelism", "1", "--option", small));
      env.execute();
      letters =
          topics.deadLetters().stream()
              .collect(
                  Collectors.toMap(
                      letter -> Long.valueOf(header(letter, "offset")), Function.identity()));
      completions = Topic.readCommitted(broker.clientProperties(), topics.completionsTopic());
    }
  }

  @Test
  void shouldKeepKeyHeadersAndTimestampOfACompletion() {
    assertThat(completions)
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.key()).isEqualTo(NO_TEXT);
              assertThat(record.timestamp()).isEqualTo(TIMESTAMP);
              assertThat(record.headers().toArray())
                  .containsExactly(new RecordHeader("trace", NO_TEXT));
            });
  }

  @Test
  void shouldMakeDeadLettersOfTheOthers() throws Exception {
    FaultReport.row(47, "LargeRecordsITCase#shouldMakeDeadLettersOfTheOthers")
        .in(5)
        .completions(completions.size())
        .deadLetters(letters.size())
        .lost(5 - completions.size() - letters.size())
        .write();
    assertThat(letters).containsOnlyKeys(1L, 2L, 3L, 4L);
    assertThat(letters.values())
        .allSatisfy(
            letter -> assertThat(header(letter, "reason")).isEqualTo(FailureKind.TOO_LARGE.name()));
    assertThat(header(letters.get(3L), "id")).isEqualTo("large-requests-0-3");
    assertThat(header(letters.get(4L), "message")).contains("max-completion-size");
    assertThat(letters.get(4L).value()).isNotNull();
  }

  @Test
  void shouldLeaveOutKeysAndHeadersThatDoNotFit() {
    ConsumerRecord<byte[], byte[]> key = letters.get(1L);
    assertThat(key.key()).isNull();
    assertThat(header(key, "omitted.key.bytes")).isEqualTo(Integer.toString(LARGE));
    assertThat(header(key, "omitted.headers")).isEqualTo("0");
    ConsumerRecord<byte[], byte[]> headers = letters.get(2L);
    assertThat(headers.headers().lastHeader("trace")).isNull();
    assertThat(header(headers, "omitted.headers")).isEqualTo("1");
  }

  private static ProducerRecord<byte[], byte[]> record(
      byte[] key, String value, Header... headers) {
    return new ProducerRecord<>(
        topics.requests(), 0, TIMESTAMP, key, value.getBytes(UTF_8), List.of(headers));
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    Header header = letter.headers().lastHeader(DeadLetterHeaders.PREFIX + name);
    return header == null ? null : new String(header.value(), UTF_8);
  }
}
