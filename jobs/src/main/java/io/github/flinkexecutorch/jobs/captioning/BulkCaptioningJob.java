package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.ImageReading;
import io.github.flinkexecutorch.connector.InferenceRequest;
import io.github.flinkexecutorch.connector.LlmInference;
import io.github.flinkexecutorch.connector.Outcome;
import io.github.flinkexecutorch.jobs.JobExit;
import io.github.flinkexecutorch.jobs.files.JobDefaults;
import io.github.flinkexecutorch.jobs.files.SkipFinished;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Captions the images of a folder, a glob or a manifest: each one becomes a caption record or a
 * dead letter in the output folder, exactly once, whatever fails on the way. Ends when all are
 * done. Run it with {@code --help} for the arguments; outside a cluster it runs in its own process.
 */
@PublicEvolving
public final class BulkCaptioningJob {
  private static final String NAME = "bulk-captioning";
  private static final String TERMINAL_PROPERTY = "caption.terminal"; // Java cannot tell for sure

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    BulkCaptioningOptions options;
    try {
      options = BulkCaptioningOptions.parse(args);
      if (options.helpPrinted()) {
        return;
      }
      requireRightOutput(env, options);
      define(env, options);
    } catch (IllegalArgumentException | InvalidRequestException e) {
      JobExit.refuse(NAME, e);
      return;
    }
    boolean terminal = Boolean.getBoolean(TERMINAL_PROPERTY);
    JobExit.after(NAME, env, () -> run(env, options, System.out, terminal));
  }

  /**
   * Runs a job that was defined in {@code env}, shows its progress, and writes the gallery.
   *
   * @param terminal whether the screen can go back to the beginning of a line
   * @return what it has done; empty if the environment does not wait for its jobs
   * @throws java.util.concurrent.ExecutionException if the job failed
   */
  public static Optional<CaptioningSummary> run(
      StreamExecutionEnvironment env,
      BulkCaptioningOptions options,
      PrintStream screen,
      boolean terminal)
      throws Exception {
    return new CaptioningRun(env, options, screen, terminal).run();
  }

  /** Adds the whole job to {@code env}. */
  public static void define(StreamExecutionEnvironment env, BulkCaptioningOptions options) {
    JobDefaults.apply(env, options.output().folder().checkpoints());
    options.configure(env);
    Configuration inference = options.inference();
    write(caption(images(read(env, options), inference), inference), options);
  }

  /** One request an image, which names it. One subtask is enough: only names go through it. */
  static DataStream<InferenceRequest> read(
      StreamExecutionEnvironment env, BulkCaptioningOptions options) {
    SingleOutputStreamOperator<ImageReference> references =
        env.fromSource(
                ReferenceSource.of(options.input(), options.maxRecordBytes()),
                WatermarkStrategy.noWatermarks(),
                "images")
            .uid("references")
            .setParallelism(1);
    if (options.skipExisting) {
      references =
          references
              .filter(
                  new SkipFinished<>(
                      options.output().folder(), CaptionOutput.CAPTIONS, ImageReference::id))
              .name("skip-existing")
              .uid("skip-existing")
              .setParallelism(1);
    }
    String prompt = options.prompt;
    return references
        .map(reference -> CaptionRequests.of(reference, prompt))
        .returns(InferenceRequest.class)
        .name("requests")
        .uid("requests")
        .setParallelism(1);
  }

  /** The requests with their images read. */
  static DataStream<InferenceRequest> images(
      DataStream<InferenceRequest> requests, Configuration inference) {
    Configuration reading = new Configuration(inference);
    if (reading.getOptional(ExecuTorchOptions.IMAGE_PARALLELISM).isEmpty()) {
      int parallelism = requests.getExecutionEnvironment().getParallelism();
      reading.set(ExecuTorchOptions.IMAGE_PARALLELISM, parallelism);
    }
    SingleOutputStreamOperator<InferenceRequest> images = new ImageReading(reading).apply(requests);
    return images
        .map(CaptionRequests::noted)
        .name("notes")
        .uid("notes")
        .setParallelism(images.getParallelism());
  }

  static DataStream<Outcome> caption(
      DataStream<InferenceRequest> requests, Configuration inference) {
    return LlmInference.builder().options(inference).build().outcomes(requests);
  }

  static void write(DataStream<Outcome> outcomes, BulkCaptioningOptions options) {
    SingleOutputStreamOperator<CaptionRecord> captions =
        outcomes.process(new CaptionRouter()).name("results").uid("results");
    DataStream<DeadLetter> letters = captions.getSideOutput(CaptionRouter.DEAD_LETTERS);
    captions.sinkTo(CaptionSinks.captions(options)).name("captions").uid("captions");
    letters.sinkTo(CaptionSinks.deadLetters(options)).name("dead-letters").uid("dead-letters");
    if (options.bootstrapServers != null) {
      captions
          .sinkTo(CaptionSinks.captionsTopic(options))
          .name("captions-topic")
          .uid("captions-topic");
      letters
          .sinkTo(CaptionSinks.deadLettersTopic(options))
          .name("dead-letters-topic")
          .uid("dead-letters-topic");
    }
  }

  /** A second run into the same folder would caption every image twice. */
  static void requireRightOutput(StreamExecutionEnvironment env, BulkCaptioningOptions options)
      throws IOException {
    options
        .output()
        .folder()
        .requireUnused(
            env, options.skipExisting, CaptionOutput.CAPTIONS, CaptionOutput.DEAD_LETTERS);
  }

  private BulkCaptioningJob() {}
}
