package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.Completion;
import io.github.flinkexecutorch.connector.ImageReading;
import io.github.flinkexecutorch.connector.InferenceRequest;
import io.github.flinkexecutorch.connector.LlmInference;
import io.github.flinkexecutorch.connector.Outcome;
import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.connector.RequestParser;
import io.github.flinkexecutorch.jobs.JobExit;
import io.github.flinkexecutorch.jobs.files.JobDefaults;
import io.github.flinkexecutorch.jobs.files.JobRun;
import io.github.flinkexecutorch.jobs.files.OwnCheckpoints;
import io.github.flinkexecutorch.jobs.files.SkipFinished;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Completes the prompts of files: each record becomes a completion or a dead letter in the output
 * folder, exactly once, whatever fails on the way. Ends when all are done, with a report of what
 * they cost. Run it with {@code --help} for the arguments; outside a cluster it runs in its own
 * process.
 *
 * <p>A subtask reads, completes and writes records in one chain: what is in flight is bounded by
 * the requests of the inference, and a savepoint waits for no queue.
 */
@PublicEvolving
public final class BatchInferenceJob {
  private static final String NAME = "batch-inference";
  private static final String TERMINAL_PROPERTY = "batch.terminal"; // Java cannot tell for sure

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    BatchInferenceOptions options;
    try {
      options = BatchInferenceOptions.parse(args);
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
   * Runs a job that was defined in {@code env}, shows its progress, and writes the report.
   *
   * @param terminal whether the screen can go back to the beginning of a line
   * @return what it took; empty if the environment does not wait for its jobs
   * @throws java.util.concurrent.ExecutionException if the job failed
   */
  public static Optional<CostReport> run(
      StreamExecutionEnvironment env,
      BatchInferenceOptions options,
      PrintStream screen,
      boolean terminal)
      throws Exception {
    Optional<JobRun> ended =
        JobRun.follow(
            env,
            options.jobName,
            screen,
            terminal,
            "records",
            () -> InputSize.of(options.input().list()));
    if (ended.isEmpty()) {
      return Optional.empty();
    }
    CostReport report = CostReport.of(ended.get());
    report.print(screen);
    OwnCheckpoints.remove(env);
    BatchOutput output = options.output();
    Path file = output.write(report);
    screen.printf("%n  Results  %s%n  Report   %s%n", output.folder().location(), file);
    return Optional.of(report);
  }

  /** Adds the whole job to {@code env}. */
  public static void define(StreamExecutionEnvironment env, BatchInferenceOptions options) {
    define(env, options, new RecordFormat(options.input(), options.maxRecordBytes()));
  }

  static void define(
      StreamExecutionEnvironment env,
      BatchInferenceOptions options,
      BulkFormat<RecordOrigin, FileSourceSplit> format) {
    JobDefaults.apply(env, options.output().folder().checkpoints());
    options.configure(env);
    Configuration inference = options.inference();
    write(complete(parse(read(env, options, format), options, inference), inference), options);
  }

  static DataStream<RecordOrigin> read(
      StreamExecutionEnvironment env,
      BatchInferenceOptions options,
      BulkFormat<RecordOrigin, FileSourceSplit> format) {
    DataStream<RecordOrigin> records =
        env.fromSource(
                RecordSource.of(options.input(), format),
                WatermarkStrategy.noWatermarks(),
                "records")
            .uid("records");
    Partitioning partitioning = options.partitioning();
    return partitioning.fields().isEmpty()
        ? records
        : records
            .map(partitioning::apply)
            .returns(RecordOrigin.class)
            .name("partitions")
            .uid("partitions");
  }

  static DataStream<InferenceRequest> parse(
      DataStream<RecordOrigin> records, BatchInferenceOptions options, Configuration inference) {
    SingleOutputStreamOperator<InferenceRequest> requests =
        records.process(new RequestParser(inference)).name("parse").uid("parse");
    return options.skipExisting
        ? requests
            .filter(
                new SkipFinished<>(
                    options.output().folder(), BatchOutput.COMPLETIONS, InferenceRequest::id))
            .name("skip-existing")
            .uid("skip-existing")
        : requests;
  }

  static DataStream<Outcome> complete(
      DataStream<InferenceRequest> requests, Configuration inference) {
    return LlmInference.builder()
        .options(inference)
        .build()
        .outcomes(new ImageReading(inference).apply(requests));
  }

  static void write(DataStream<Outcome> outcomes, BatchInferenceOptions options) {
    SingleOutputStreamOperator<Completion> completions =
        outcomes.process(new BatchRouter()).name("results").uid("results");
    BatchOutput output = options.output();
    completions
        .sinkTo(output.completions(options.format, options.partitioning()))
        .name("completions")
        .uid("completions");
    completions
        .getSideOutput(BatchRouter.FAILURES)
        .sinkTo(output.deadLetters())
        .name("dead-letters")
        .uid("dead-letters");
  }

  /** A second run into the same folder would complete every record twice. */
  static void requireRightOutput(StreamExecutionEnvironment env, BatchInferenceOptions options)
      throws IOException {
    options
        .output()
        .folder()
        .requireUnused(
            env, options.skipExisting, BatchOutput.COMPLETIONS, BatchOutput.DEAD_LETTERS);
  }

  private BatchInferenceJob() {}
}
