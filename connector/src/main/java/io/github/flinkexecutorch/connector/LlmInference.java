package io.github.flinkexecutorch.connector;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * A language model as a step of a DataStream job: requests in, completions, stats and failures out.
 * The model runs in the TaskManagers; its files are opened when the job starts there, not here.
 *
 * <p>Immutable; may be applied to several streams, each of which opens an engine.
 */
@PublicEvolving
public final class LlmInference {
  private static final long NO_FLINK_TIMEOUT = 0; // the engine's time limit stops the generation

  private final Configuration options;
  private final GenerationSettings settings;
  private final ServingSettings serving;
  private final EngineFactory engines;
  private final String name;
  private final String uid;

  private LlmInference(Builder builder) {
    options = new Configuration(builder.options);
    settings = GenerationSettings.from(options);
    serving = ServingSettings.from(options);
    engines = builder.engines == null ? new ModelEngineFactory(options) : builder.engines;
    name = builder.name;
    uid = builder.uid;
    int capacity = options.get(ExecuTorchOptions.CAPACITY);
    if (capacity < 1) {
      throw new IllegalArgumentException(
          ExecuTorchOptions.CAPACITY.key() + " must be at least 1, got " + capacity + ".");
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Adds the inference and its routing to the job; both have the parallelism of the environment,
   * whatever the stream has.
   *
   * @param requests their images are those that {@link ImageReading} has prepared; a request with
   *     another image fails as {@link FailureKind#UNSUPPORTED_INPUT}
   */
  public InferenceStreams apply(DataStream<InferenceRequest> requests) {
    SingleOutputStreamOperator<Completion> completions =
        outcomes(requests)
            .process(new ResultRouter(options.get(ExecuTorchOptions.FAILURE_POLICY)))
            .name(name + " results")
            .uid(resultsOf(uid));
    return new InferenceStreams(
        completions,
        completions.getSideOutput(ResultRouter.STATS),
        completions.getSideOutput(ResultRouter.FAILURES));
  }

  /**
   * Adds the inference alone, for jobs that want a completion and its stats together: one outcome
   * for each request, whatever the failure policy.
   */
  public SingleOutputStreamOperator<Outcome> outcomes(DataStream<InferenceRequest> requests) {
    LlmAsyncFunction function = new LlmAsyncFunction(engines, settings, serving);
    int capacity = options.get(ExecuTorchOptions.CAPACITY);
    SingleOutputStreamOperator<Outcome> outcomes =
        options.get(ExecuTorchOptions.OUTPUT_MODE) == OutputMode.ORDERED
            ? AsyncDataStream.orderedWait(
                requests, function, NO_FLINK_TIMEOUT, TimeUnit.MILLISECONDS, capacity)
            : AsyncDataStream.unorderedWait(
                requests, function, NO_FLINK_TIMEOUT, TimeUnit.MILLISECONDS, capacity);
    return outcomes.name(name).uid(uid);
  }

  /** The uids of all operators of an inference that has this one. */
  static List<String> uids(String uid) {
    return List.of(uid, resultsOf(uid));
  }

  private static String resultsOf(String uid) {
    return uid + "-results";
  }

  /** Collects the options; a later call replaces an earlier one. */
  public static final class Builder {
    private final Configuration options = new Configuration();
    private String name = "llm-inference";
    private String uid = "llm-inference";
    private EngineFactory engines;

    private Builder() {}

    /** The program file (.pte), as every TaskManager sees it. */
    public Builder model(String path) {
      return option(ExecuTorchOptions.MODEL_PATH, path);
    }

    /** Files with weights of the program (.ptd). */
    public Builder dataFiles(List<String> paths) {
      return option(ExecuTorchOptions.MODEL_DATA_FILES, List.copyOf(paths));
    }

    /** The tokenizer file of the model, or the folder that holds it. */
    public Builder tokenizer(String path) {
      return option(ExecuTorchOptions.TOKENIZER_PATH, path);
    }

    /** 0 for the likeliest token each time; more makes the choice more random. */
    public Builder temperature(float temperature) {
      return option(ExecuTorchOptions.TEMPERATURE, temperature);
    }

    /** Most tokens of one completion, -1 for as many as the context holds. */
    public Builder maxNewTokens(int tokens) {
      return option(ExecuTorchOptions.MAX_NEW_TOKENS, tokens);
    }

    /** Queued plus running requests per subtask before the source is slowed down. */
    public Builder capacity(int requests) {
      return option(ExecuTorchOptions.CAPACITY, requests);
    }

    /** Whether completions leave in the order of their requests. */
    public Builder outputMode(OutputMode mode) {
      return option(ExecuTorchOptions.OUTPUT_MODE, mode);
    }

    /** Longest run of one generation, waiting excluded; zero for none. */
    public Builder timeLimit(Duration limit) {
      return option(ExecuTorchOptions.TIME_LIMIT, limit);
    }

    /** What happens to a record that failed. */
    public Builder failurePolicy(FailurePolicy policy) {
      return option(ExecuTorchOptions.FAILURE_POLICY, policy);
    }

    /** One of {@link ExecuTorchOptions}. */
    public <T> Builder option(ConfigOption<T> option, T value) {
      options.set(option, value);
      return this;
    }

    /** Every option that {@code values} has. */
    public Builder options(Configuration values) {
      options.addAll(values);
      return this;
    }

    /** Name of the operator in the web interface and in metrics. */
    public Builder name(String operatorName) {
      name = operatorName;
      return this;
    }

    /** Identity of the operator's state in savepoints; unique within the job. */
    public Builder uid(String operatorUid) {
      uid = operatorUid;
      return this;
    }

    /** Another engine, for tests of the operator alone. */
    Builder engines(EngineFactory factory) {
      engines = factory;
      return this;
    }

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if a required option is missing or a value cannot work
     * @throws io.github.flinkexecutorch.llm.InvalidRequestException if a generation option is out
     *     of its range
     */
    public LlmInference build() {
      return new LlmInference(this);
    }
  }
}
