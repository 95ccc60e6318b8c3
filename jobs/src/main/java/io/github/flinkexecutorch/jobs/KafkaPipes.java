package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.Failure;
import io.github.flinkexecutorch.connector.RecordHeader;
import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.connector.StatsReport;
import java.util.List;
import java.util.Properties;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** The topics of {@link StreamEnrichmentJob} as Flink sources and sinks. */
final class KafkaPipes {

  /**
   * Raw records, from the committed offsets of the group or else from the beginning; those of
   * aborted transactions are none, unless a property of the job says otherwise.
   */
  @SuppressWarnings("deprecation") // the source takes no other type for what to do without offsets
  static KafkaSource<RecordOrigin> requests(StreamEnrichmentOptions options) {
    Properties client = options.clientProperties();
    client.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    KafkaSourceBuilder<RecordOrigin> source =
        KafkaSource.<RecordOrigin>builder()
            .setProperties(client)
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

  /** Completions as JSON under the key of their request, with its headers. */
  static ResultSink<Completion> completions(StreamEnrichmentOptions options) {
    return sink(
        options,
        new ResultSerializer<>(
            options.completionsTopic, Completion::key, ResultJson::of, KafkaPipes::headers));
  }

  /** Stats as JSON under the key of their request. */
  static ResultSink<StatsReport> stats(StreamEnrichmentOptions options) {
    return sink(
        options,
        new ResultSerializer<>(
            options.statsTopic, StatsReport::key, ResultJson::of, stats -> List.of()));
  }

  /**
   * Records that failed, byte for byte as they came in, with {@link DeadLetterHeaders} added; of
   * one that would become too large for the producer, what is not too large.
   */
  static ResultSink<Failure> deadLetters(StreamEnrichmentOptions options) {
    DeadLetterLimit limit = DeadLetterLimit.of(options.clientProperties());
    return sink(
        options,
        new ResultSerializer<>(options.deadLettersTopic, limit::key, limit::value, limit::headers));
  }

  private static <T> ResultSink<T> sink(
      StreamEnrichmentOptions options, ResultSerializer<T> serializer) {
    return ResultSink.of(
        serializer,
        options.clientProperties(),
        options.deliveryGuarantee,
        options.transactionTimeout,
        options.transactionalIdPrefix(serializer.topic()));
  }

  /** Those of the record, without what earlier failures of it have added. */
  private static Headers headers(Completion completion) {
    Headers headers = new RecordHeaders();
    for (RecordHeader header : completion.headers()) {
      if (!header.key().startsWith(DeadLetterHeaders.PREFIX)) {
        headers.add(header.key(), header.value());
      }
    }
    return headers;
  }

  private KafkaPipes() {}
}
