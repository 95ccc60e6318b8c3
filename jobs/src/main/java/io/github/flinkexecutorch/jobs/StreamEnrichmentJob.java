package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.ImageReading;
import io.github.flinkexecutorch.connector.InferenceRequest;
import io.github.flinkexecutorch.connector.InferenceStreams;
import io.github.flinkexecutorch.connector.LlmInference;
import io.github.flinkexecutorch.connector.LlmRouting;
import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.connector.RequestParser;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Completes the prompts of a Kafka topic: each record, JSON or an image, becomes one completion,
 * with its stats, or one dead letter, exactly once for {@code read_committed} consumers. Run it
 * with {@code --help} for the arguments.
 */
@PublicEvolving
public final class StreamEnrichmentJob {

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    StreamEnrichmentOptions options;
    try {
      options = StreamEnrichmentOptions.parse(args);
      if (options.helpPrinted()) {
        return;
      }
      BrokerLimits.check(options);
      define(env, options);
    } catch (IllegalArgumentException | InvalidRequestException e) {
      JobExit.refuse("stream-enrichment", e);
      return;
    }
    env.execute(options.jobName);
  }

  /** Adds the whole job to {@code env}. */
  public static void define(StreamExecutionEnvironment env, StreamEnrichmentOptions options) {
    options.configure(env);
    DataStream<RecordOrigin> records = read(env, options);
    write(
        options.namedModels.isEmpty()
            ? complete(records, options.inference())
            : route(records, options),
        options);
  }

  static DataStream<RecordOrigin> read(
      StreamExecutionEnvironment env, StreamEnrichmentOptions options) {
    return env.fromSource(
            KafkaPipes.requests(options), WatermarkStrategy.noWatermarks(), "requests")
        .uid("requests");
  }

  static InferenceStreams complete(DataStream<RecordOrigin> records, Configuration options) {
    DataStream<InferenceRequest> requests =
        records.process(new RequestParser(options)).name("parse").uid("parse");
    return LlmInference.builder()
        .options(options)
        .build()
        .apply(new ImageReading(options).apply(requests));
  }

  /** With a model for each name that records have. */
  static InferenceStreams route(DataStream<RecordOrigin> records, StreamEnrichmentOptions options) {
    DataStream<InferenceRequest> requests =
        records.process(new RequestParser(options.inference())).name("parse").uid("parse");
    LlmRouting.Builder routing = LlmRouting.builder();
    options.models().forEach(routing::model);
    return routing.build().apply(requests);
  }

  static void write(InferenceStreams out, StreamEnrichmentOptions options) {
    out.completions()
        .sinkTo(KafkaPipes.completions(options))
        .name("completions")
        .uid("completions");
    out.stats().sinkTo(KafkaPipes.stats(options)).name("stats").uid("stats");
    out.failures().sinkTo(KafkaPipes.deadLetters(options)).name("dead-letters").uid("dead-letters");
  }

  private StreamEnrichmentJob() {}
}
