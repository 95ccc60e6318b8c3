package io.github.flinkexecutorch.jobs.captioning;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.jobs.JsonBytes;
import io.github.flinkexecutorch.jobs.ResultSerializer;
import io.github.flinkexecutorch.jobs.ResultSink;
import io.github.flinkexecutorch.jobs.files.FileSinks;
import java.time.Duration;
import java.util.List;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.util.function.SerializableFunction;

/** Where the results go, each exactly once: files appear, and transactions end, by checkpoint. */
// Lambdas: two serialized references to one generic method become the first of both.
final class CaptionSinks {
  /** Below what brokers allow unless told otherwise, 15 minutes. */
  static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(14);

  static FileSink<CaptionRecord> captions(BulkCaptioningOptions options) {
    Path folder = options.output().captions();
    return switch (options.format) {
      case JSONL ->
          FileSinks.jsonLines(
              folder, caption -> JsonBytes.of(caption), new BasePathBucketAssigner<>());
      case PARQUET ->
          FileSinks.parquet(
              folder, CaptionParquet.SCHEMA, CaptionParquet::row, new BasePathBucketAssigner<>());
    };
  }

  static FileSink<DeadLetter> deadLetters(BulkCaptioningOptions options) {
    return FileSinks.jsonLines(
        options.output().deadLetters(),
        letter -> JsonBytes.of(letter),
        new BasePathBucketAssigner<>());
  }

  static ResultSink<CaptionRecord> captionsTopic(BulkCaptioningOptions options) {
    return topic(options, options.captionsTopic, CaptionRecord::id);
  }

  static ResultSink<DeadLetter> deadLettersTopic(BulkCaptioningOptions options) {
    return topic(options, options.deadLettersTopic, DeadLetter::id);
  }

  private static <T> ResultSink<T> topic(
      BulkCaptioningOptions options, String topic, SerializableFunction<T, String> id) {
    return ResultSink.of(
        new ResultSerializer<>(
            topic, record -> id.apply(record).getBytes(UTF_8), JsonBytes::of, record -> List.of()),
        options.clientProperties(),
        DeliveryGuarantee.EXACTLY_ONCE,
        TRANSACTION_TIMEOUT,
        options.transactionalIdPrefix(topic));
  }

  private CaptionSinks() {}
}
