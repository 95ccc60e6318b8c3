package io.github.flinkexecutorch.jobs.captioning;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.jobs.JsonBytes;
import io.github.flinkexecutorch.jobs.ResultSerializer;
import io.github.flinkexecutorch.jobs.ResultSink;
import java.time.Duration;
import java.util.List;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.util.function.SerializableFunction;

/** Where the results go, each exactly once: files appear, and transactions end, by checkpoint. */
final class CaptionSinks {
  /** Below what brokers allow unless told otherwise, 15 minutes. */
  static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(14);

  static FileSink<CaptionRecord> captions(BulkCaptioningOptions options) {
    Path folder = options.output().captions();
    return switch (options.format) {
      case JSONL -> jsonLines(folder);
      case PARQUET ->
          FileSink.forBulkFormat(folder, CaptionParquet.writer())
              .withBucketAssigner(new BasePathBucketAssigner<>())
              .withOutputFileConfig(parts(".parquet"))
              .build();
    };
  }

  static FileSink<DeadLetter> deadLetters(BulkCaptioningOptions options) {
    return jsonLines(options.output().deadLetters());
  }

  static KafkaSink<CaptionRecord> captionsTopic(BulkCaptioningOptions options) {
    return topic(options, options.captionsTopic, CaptionRecord::id);
  }

  static KafkaSink<DeadLetter> deadLettersTopic(BulkCaptioningOptions options) {
    return topic(options, options.deadLettersTopic, DeadLetter::id);
  }

  private static <T> FileSink<T> jsonLines(Path folder) {
    return FileSink.<T>forRowFormat(
            folder,
            (record, out) -> {
              out.write(JsonBytes.of(record));
              out.write('\n');
            })
        .withRollingPolicy(OnCheckpointRollingPolicy.build())
        .withBucketAssigner(new BasePathBucketAssigner<>())
        .withOutputFileConfig(parts(".jsonl"))
        .build();
  }

  private static OutputFileConfig parts(String ending) {
    return OutputFileConfig.builder().withPartPrefix("part").withPartSuffix(ending).build();
  }

  private static <T> KafkaSink<T> topic(
      BulkCaptioningOptions options, String topic, SerializableFunction<T, String> id) {
    return ResultSink.of(
        new ResultSerializer<>(
            topic, record -> id.apply(record).getBytes(UTF_8), JsonBytes::of, record -> List.of()),
        options.clientProperties(),
        DeliveryGuarantee.EXACTLY_ONCE,
        TRANSACTION_TIMEOUT,
        options.jobName + "-" + topic);
  }

  private CaptionSinks() {}
}
