package io.github.flinkexecutorch.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.connector.FailureKind;
import io.github.flinkexecutorch.connector.FaultReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One job over every kind of bad record, and a good one behind them. */
class BadRecordsITCase {
  private static final byte[] NOT_UTF_8 = {'{', '"', (byte) 0xC3, '"', '}'};
  private static final long TIMESTAMP = 1_700_000_000_000L;
  private static final Header HEADER = new RecordHeader("trace", new byte[] {0, -1, 7});
  private static final int LARGE = 900_000;

  /** An image of one black pixel. */
  private static final String DOT =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNg"
          + "AAAAAgABSK+kcQAAAABJRU5ErkJggg==";

  @RegisterExtension
  @Order(BrokerExtension.FIRST)
  static final BrokerExtension BROKER = new BrokerExtension();

  @RegisterExtension static final MiniClusterExtension FLINK = new MiniClusterExtension();

  private static JobTopics topics;
  private static Map<String, ConsumerRecord<byte[], byte[]>> letters;

  /** A bad record, named by its key, and why it must fail. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Bad(String name, byte[] value, FailureKind reason) {
    static Bad of(String name, String value, FailureKind reason) {
      return new Bad(name, value.getBytes(UTF_8), reason);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Bad> badRecords() {
    return List.of(
        Bad.of("text", "hello", FailureKind.MALFORMED),
        Bad.of("half", "{\"message\":\"hel", FailureKind.MALFORMED),
        Bad.of("array", "[1,2]", FailureKind.MALFORMED),
        Bad.of("twice", "{\"message\":\"a\",\"message\":\"b\"}", FailureKind.MALFORMED),
        new Bad("encoding", NOT_UTF_8, FailureKind.MALFORMED),
        new Bad("no-bytes", new byte[0], FailureKind.MALFORMED),
        Bad.of("deep", "{\"message\":" + "[".repeat(10_000), FailureKind.TOO_LARGE),
        Bad.of("missing-field", "{\"text\":\"hello\"}", FailureKind.MISSING_FIELD),
        Bad.of("null-field", "{\"message\":null}", FailureKind.MISSING_FIELD),
        Bad.of("empty", "{\"message\":\"\"}", FailureKind.EMPTY_PROMPT),
        Bad.of("blank", "{\"message\":\" \\n\"}", FailureKind.EMPTY_PROMPT),
        Bad.of(
            "long",
            "{\"message\":\"" + "My parcel is lost. ".repeat(500) + "\"}",
            FailureKind.CONTEXT_OVERFLOW),
        Bad.of(
            "large", "{\"message\":\"" + "x".repeat(LARGE) + "\"}", FailureKind.CONTEXT_OVERFLOW),
        Bad.of("cold", override("temperature", "-1"), FailureKind.INVALID_PARAMETER),
        Bad.of("silent", override("max_new_tokens", "0"), FailureKind.INVALID_PARAMETER),
        Bad.of("endless", override("max_new_tokens", "2147483648"), FailureKind.INVALID_PARAMETER),
        Bad.of("top-p", override("top_p", "2"), FailureKind.INVALID_PARAMETER),
        Bad.of("seed", override("seed", "\"tomorrow\""), FailureKind.INVALID_PARAMETER),
        Bad.of(
            "picture",
            "{\"message\":\"hello\",\"image\":{\"base64\":\"" + DOT + "\"}}",
            FailureKind.UNSUPPORTED_INPUT));
  }

  @BeforeAll
  static void runJob() throws Exception {
    topics = JobTopics.create(BROKER, "bad-records", 1);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (Bad bad : badRecords()) {
      records.add(record(bad.name(), bad.value()));
    }
    records.add(record("tombstone", null));
    records.add(
        record("good", "{\"id\":\"good\",\"message\":\"Where is my parcel?\"}".getBytes(UTF_8)));
    BROKER.produce(records);

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    StreamEnrichmentJob.define(env, topics.options("--parallelism", "1"));
    env.execute();
    letters =
        topics.deadLetters().stream()
            .collect(Collectors.toMap(letter -> new String(letter.key(), UTF_8), letter -> letter));
  }

  @ParameterizedTest
  @MethodSource("badRecords")
  void shouldBecomeDeadLetterWithReason(Bad bad) {
    Map<String, String> ours = ownHeaders(letters.get(bad.name()));

    assertThat(ours)
        .containsEntry("reason", bad.reason().name())
        .containsEntry("topic", topics.requests())
        .containsEntry("partition", "0")
        .containsEntry("offset", Integer.toString(names().indexOf(bad.name())))
        .containsEntry("timestamp", Long.toString(TIMESTAMP))
        .containsEntry("attempt", "0")
        .containsKeys("id", "stage", "message", "job", "subtask", "time");
    assertThat(ours.get("message")).isNotBlank().doesNotContain("parcel", "hello");
  }

  @ParameterizedTest
  @MethodSource("badRecords")
  void shouldKeepOriginalBytesHeadersAndTimestamp(Bad bad) {
    ConsumerRecord<byte[], byte[]> letter = letters.get(bad.name());

    assertThat(letter.value()).isEqualTo(bad.value());
    assertThat(letter.headers().toArray()[0]).isEqualTo(HEADER);
    assertThat(letter.timestamp()).isEqualTo(TIMESTAMP);
  }

  @Test
  void shouldAnswerGoodRecordBehindBadOnes() throws Exception {
    assertThat(topics.completions())
        .extracting(completion -> completion.get("id").asText())
        .containsExactly("good");
    assertThat(letters).hasSize(badRecords().size());
  }

  @Test
  void shouldLoseNothing() throws Exception {
    List<String> failed =
        topics.deadLetters().stream().map(letter -> new String(letter.key(), UTF_8)).toList();
    Map<Integer, List<String>> rows =
        badRecords().stream()
            .collect(groupingBy(BadRecordsITCase::row, mapping(Bad::name, toList())));
    for (Map.Entry<Integer, List<String>> row : rows.entrySet()) {
      FaultReport.row(row.getKey(), "BadRecordsITCase#shouldBecomeDeadLetterWithReason")
          .records(
              row.getValue(), List.of(), failed.stream().filter(row.getValue()::contains).toList())
          .write();
    }
    FaultReport.row(47, "BadRecordsITCase#shouldKeepOriginalBytesHeadersAndTimestamp")
        .records(names(), List.of(), failed)
        .write();
    assertThat(failed).containsExactlyInAnyOrderElementsOf(names());
  }

  /** That of docs/faults.md. */
  private static int row(Bad bad) {
    return switch (bad.reason()) {
      case TOO_LARGE -> 4;
      case EMPTY_PROMPT -> 5;
      case CONTEXT_OVERFLOW -> 6;
      case INVALID_PARAMETER -> 9;
      case UNSUPPORTED_INPUT -> 18;
      default -> bad.name().equals("twice") ? 3 : 1;
    };
  }

  private static List<String> names() {
    return badRecords().stream().map(Bad::name).toList();
  }

  private static String override(String name, String value) {
    return "{\"message\":\"hello\",\"options\":{\"" + name + "\":" + value + "}}";
  }

  private static ProducerRecord<byte[], byte[]> record(String key, byte[] value) {
    return new ProducerRecord<>(
        topics.requests(), 0, TIMESTAMP, key.getBytes(UTF_8), value, List.of(HEADER));
  }

  private static Map<String, String> ownHeaders(ConsumerRecord<byte[], byte[]> letter) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : letter.headers()) {
      if (header.key().startsWith(DeadLetterHeaders.PREFIX)) {
        headers.put(
            header.key().substring(DeadLetterHeaders.PREFIX.length()),
            new String(header.value(), UTF_8));
      }
    }
    return headers;
  }
}
