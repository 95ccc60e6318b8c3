package io.github.flinkexecutorch.jobs.captioning;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.FailurePolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.TimeUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of {@link BulkCaptioningJob}. Read-only once parsed. */
@Command(
    name = "bulk-captioning",
    mixinStandardHelpOptions = true,
    version = "0.1.0",
    sortOptions = false,
    usageHelpAutoWidth = true,
    showDefaultValues = true,
    description = "Captions images with a model that sees, inside Flink.")
public final class BulkCaptioningOptions {
  private static final String DEFAULT_PROMPT = "<image>";

  private static final int THUMBNAIL_PIXELS = 160;

  /** How captions are written. */
  enum Format {
    JSONL,
    PARQUET
  }

  @Parameters(
      paramLabel = "INPUT",
      description =
          "A folder, with the folders below; a glob in quotes, such as 'photos/**/*.jpg'; or a"
              + " manifest of references: .jsonl, .ndjson or .parquet with image and, optional, id"
              + " and prompt. Paths, or URIs of Flink's file systems.")
  String input;

  @Option(
      names = "--output",
      defaultValue = "${sys:caption.output}",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      description = "Folder for the captions and the dead letters, a path or a URI.")
  String output;

  @Option(
      names = "--model",
      description = "Program file (.pte) of the model, batched or standard.")
  Path model;

  @Option(
      names = "--tokenizer",
      description = "Tokenizer file, or the folder that holds it; the model's folder if not given.")
  Path tokenizer;

  @Option(
      names = "--prompt",
      description = "What to ask about each image. <image> is where it stands.")
  String prompt = DEFAULT_PROMPT;

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}, of the captions.")
  Format format = Format.JSONL;

  @Option(
      names = "--skip-existing",
      description = "Go on in an output folder that has captions; leave their images out.")
  boolean skipExisting;

  @Option(
      names = "--thumbnails",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Keep a small copy of each image with its caption.")
  boolean thumbnails;

  @Option(
      names = "--gallery",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Write gallery.html and captions.jsonl into the output folder at the end.")
  boolean gallery;

  @Option(
      names = "--root",
      paramLabel = "FOLDER",
      description =
          "Folder that a manifest may name images below, may be given several times; the"
              + " manifest's own if not given.")
  List<String> roots = new ArrayList<>();

  @Option(
      names = "--option",
      paramLabel = "key=value",
      description = "An option of the connector, such as executorch.image.parallelism=4.")
  Map<String, String> connectorOptions = new LinkedHashMap<>();

  @Option(
      names = "--bootstrap-servers",
      description = "Kafka brokers, host:port,host:port, for results in topics as well.")
  String bootstrapServers;

  @Option(names = "--captions-topic", description = "One JSON record per caption.")
  String captionsTopic = "captions";

  @Option(names = "--dead-letters-topic", description = "One JSON record per image without one.")
  String deadLettersTopic = "caption-dead-letters";

  @Option(
      names = "--kafka-property",
      paramLabel = "key=value",
      description = "A property for every Kafka client, such as security.protocol=SSL.")
  Map<String, String> kafkaProperties = new LinkedHashMap<>();

  @Option(
      names = "--checkpoint-interval",
      converter = DurationConverter.class,
      description = "Results appear in the output once in this time; a restart repeats as much.")
  Duration checkpointInterval = Duration.ofSeconds(10);

  @Option(
      names = "--parallelism",
      description =
          "Subtasks; those of a process share a batched program's engine. Flink's default if not given.")
  Integer parallelism;

  @Option(names = "--job-name", description = "Name of the job in Flink.")
  String jobName = "bulk-captioning";

  private boolean helpPrinted;

  /**
   * Reads arguments.
   *
   * @throws IllegalArgumentException naming the argument that is wrong and what it should be
   */
  public static BulkCaptioningOptions parse(String... args) {
    BulkCaptioningOptions options = new BulkCaptioningOptions();
    CommandLine commandLine = new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true);
    try {
      options.helpPrinted = CommandLine.printHelpIfRequested(commandLine.parseArgs(args));
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    if (!options.helpPrinted) {
      options.validate();
    }
    return options;
  }

  /** Whether the arguments asked for help, which has been printed: nothing to run. */
  boolean helpPrinted() {
    return helpPrinted;
  }

  CaptioningInput input() {
    return CaptioningInput.parse(input);
  }

  CaptionOutput output() {
    return new CaptionOutput(
        CaptioningInput.isAbsolute(output) ? output : Path.of(output).toAbsolutePath().toString());
  }

  /** The connector's options that these arguments mean. */
  Configuration inference() {
    Path modelFile = model.toAbsolutePath();
    Configuration configuration = Configuration.fromMap(connectorOptions);
    configuration.set(ExecuTorchOptions.MODEL_PATH, modelFile.toString());
    configuration.set(
        ExecuTorchOptions.TOKENIZER_PATH,
        (tokenizer == null ? modelFile.getParent() : tokenizer.toAbsolutePath()).toString());
    configuration.set(ExecuTorchOptions.FAILURE_POLICY, FailurePolicy.DEAD_LETTER);
    if (configuration.getOptional(ExecuTorchOptions.IMAGE_ROOTS).isEmpty()) {
      configuration.set(
          ExecuTorchOptions.IMAGE_ROOTS, roots.isEmpty() ? List.of(input().root()) : roots);
    }
    if (thumbnails) {
      configuration.set(ExecuTorchOptions.IMAGE_THUMBNAIL, THUMBNAIL_PIXELS);
    }
    return configuration;
  }

  /** What every Kafka client of the job gets. */
  Properties clientProperties() {
    Properties properties = new Properties();
    properties.putAll(kafkaProperties);
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return properties;
  }

  private void validate() {
    require("--output", output);
    require("--model", model);
    if (checkpointInterval.toMillis() < 1) {
      throw new IllegalArgumentException(
          "--checkpoint-interval must be at least 1 ms, got " + checkpointInterval);
    }
    if (bootstrapServers != null
        && checkpointInterval.compareTo(CaptionSinks.TRANSACTION_TIMEOUT) >= 0) {
      throw new IllegalArgumentException(
          "--checkpoint-interval must be shorter than %d minutes with Kafka, got %s: a transaction lasts from one checkpoint to the next."
              .formatted(CaptionSinks.TRANSACTION_TIMEOUT.toMinutes(), checkpointInterval));
    }
    if (parallelism != null && parallelism < 1) {
      throw new IllegalArgumentException("--parallelism must be at least 1, got " + parallelism);
    }
  }

  private static void require(String name, Object value) {
    if (value == null || value.toString().isBlank()) {
      throw new IllegalArgumentException("Missing required option: '" + name + "'");
    }
  }

  /** Durations as Flink's own options write them: {@code 500 ms}, {@code 10s}, {@code 14min}. */
  private static final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
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
