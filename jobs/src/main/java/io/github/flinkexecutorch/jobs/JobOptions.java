package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The arguments that all jobs have. Read-only once parsed. */
@PublicEvolving
public abstract class JobOptions {
  @Option(
      names = "--model",
      required = true,
      defaultValue = "${sys:job.model}",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      description = "Program file (.pte) of the model, batched or standard.")
  private Path model;

  @Option(
      names = "--tokenizer",
      description = "Tokenizer file, or the folder that holds it; the model's folder if not given.")
  private Path tokenizer;

  @Option(
      names = "--option",
      paramLabel = "key=value",
      description = "An option of the connector, such as executorch.generation.max-new-tokens=64.")
  private Map<String, String> connectorOptions = new LinkedHashMap<>();

  @Option(
      names = "--checkpoint-interval",
      defaultValue = "${sys:job.checkpoint-interval}",
      converter = DurationConverter.class,
      description = "Results are committed once in this time; a restart repeats as much.")
  private Duration checkpointInterval;

  @Option(
      names = "--parallelism",
      description =
          "Subtasks; those of a process share a batched program's engine. Flink's default if not given.")
  private Integer parallelism;

  private boolean helpPrinted;

  /** Takes checkpoints as often as records of a stream want them. */
  protected JobOptions() {
    this(Duration.ofSeconds(10));
  }

  /** Takes checkpoints this often where the arguments say nothing. */
  protected JobOptions(Duration checkpointInterval) {
    this.checkpointInterval = checkpointInterval;
  }

  /**
   * Reads arguments.
   *
   * @return whether there is anything to check: not where they asked for help or the version, which
   *     has been printed
   * @throws IllegalArgumentException naming the argument that is wrong and what it should be
   */
  protected final boolean read(String... args) {
    CommandLine commandLine = new CommandLine(this).setCaseInsensitiveEnumValuesAllowed(true);
    try {
      helpPrinted = CommandLine.printHelpIfRequested(commandLine.parseArgs(args));
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    if (helpPrinted) {
      return false;
    }
    ConnectorKeys.requireKnown(connectorOptions.keySet());
    requirePositive("--checkpoint-interval", checkpointInterval);
    if (parallelism != null && parallelism < 1) {
      throw new IllegalArgumentException("--parallelism must be at least 1, got " + parallelism);
    }
    return true;
  }

  /**
   * Whether the arguments asked for help or the version, which has been printed: nothing to run.
   */
  public final boolean helpPrinted() {
    return helpPrinted;
  }

  /** Sets what these arguments want of Flink. Checkpoints commit results; BATCH mode has none. */
  public final void configure(StreamExecutionEnvironment env) {
    env.setRuntimeMode(RuntimeExecutionMode.STREAMING);
    env.enableCheckpointing(checkpointInterval.toMillis());
    if (parallelism != null) {
      env.setParallelism(parallelism);
    }
  }

  /** The connector's options that these arguments mean. */
  public Configuration inference() {
    Path modelFile = model.toAbsolutePath();
    Configuration configuration = Configuration.fromMap(connectorOptions);
    configuration.set(ExecuTorchOptions.MODEL_PATH, modelFile.toString());
    configuration.set(
        ExecuTorchOptions.TOKENIZER_PATH,
        (tokenizer == null ? modelFile.getParent() : tokenizer.toAbsolutePath()).toString());
    return configuration;
  }

  public final Path model() {
    return model;
  }

  public final Duration checkpointInterval() {
    return checkpointInterval;
  }

  /**
   * Reads the file that an argument names.
   *
   * @throws IllegalArgumentException if it cannot be read
   */
  protected static String text(String name, Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read " + name + " " + file + ": " + e, e);
    }
  }

  /**
   * Checks an argument.
   *
   * @throws IllegalArgumentException if it is shorter than a millisecond
   */
  protected static void requirePositive(String name, Duration duration) {
    if (duration.toMillis() < 1) {
      throw new IllegalArgumentException(name + " must be at least 1 ms, got " + duration);
    }
  }

  /** Durations as Flink's own options write them: {@code 500 ms}, {@code 10s}, {@code 14min}. */
  protected static final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      try {
        return TimeUtils.parseDuration(value);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.TypeConversionException(
            "'" + value + "' is no duration such as '500 ms', '10s' or '14min'");
      }
    }
  }
}
