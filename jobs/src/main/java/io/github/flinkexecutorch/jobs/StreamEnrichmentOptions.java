package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.util.TimeUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of {@link StreamEnrichmentJob}. Read-only once parsed. */
@Command(
    name = "stream-enrichment",
    mixinStandardHelpOptions = true,
    version = "0.1.0",
    sortOptions = false,
    usageHelpAutoWidth = true,
    showDefaultValues = true,
    description = "Completes prompts from a Kafka topic with a language model, inside Flink.")
public final class StreamEnrichmentOptions {
  private static final Pattern HOST_PORTS = Pattern.compile("[^,\\s]+:\\d+(,[^,\\s]+:\\d+)*");

  @Option(
      names = "--bootstrap-servers",
      required = true,
      description = "Kafka brokers, host:port,host:port.")
  String bootstrapServers;

  @Option(
      names = "--requests-topic",
      description = "Records to complete: JSON, or as executorch.request.value-format says.")
  String requestsTopic = "requests";

  @Option(names = "--completions-topic", description = "One JSON record per completion.")
  String completionsTopic = "completions";

  @Option(names = "--stats-topic", description = "Times and token counts of each completion.")
  String statsTopic = "stats";

  @Option(
      names = "--dead-letters-topic",
      description = "Records without a completion, as they came in; the cause is in the headers.")
  String deadLettersTopic = "dead-letters";

  @Option(names = "--group-id", description = "Consumer group that the offsets are committed to.")
  String groupId = "flink-executorch";

  @Option(
      names = "--model",
      required = true,
      description = "Program file (.pte) of the model, batched or standard.")
  Path model;

  @Option(
      names = "--tokenizer",
      description = "Tokenizer file, or the folder that holds it; the model's folder if not given.")
  Path tokenizer;

  @ArgGroup Template template = new Template();

  /** The prompt template, from one of two places. */
  static final class Template {
    @Option(
        names = "--prompt-template",
        description = "The prompt, with {{field}} for fields of the record.")
    String text;

    @Option(names = "--prompt-template-file", description = "File that holds the template.")
    Path file;
  }

  @Option(
      names = "--option",
      paramLabel = "key=value",
      description = "An option of the connector, such as executorch.generation.max-new-tokens=64.")
  Map<String, String> connectorOptions = new LinkedHashMap<>();

  @Option(
      names = "--kafka-property",
      paramLabel = "key=value",
      description = "A property for every Kafka client, such as security.protocol=SSL.")
  Map<String, String> kafkaProperties = new LinkedHashMap<>();

  @Option(
      names = "--bounded",
      description = "End at the offsets that the topic has when the job starts.")
  boolean bounded;

  @Option(
      names = "--delivery-guarantee",
      description = "${COMPLETION-CANDIDATES}. Exactly once needs read_committed consumers.")
  DeliveryGuarantee deliveryGuarantee = DeliveryGuarantee.EXACTLY_ONCE;

  @Option(
      names = "--transactional-id-prefix",
      description =
          "Unique for each job on the brokers, the same in every start of this job;"
              + " the group id if not given.")
  String transactionalIdPrefix;

  @Option(
      names = "--transaction-timeout",
      converter = DurationConverter.class,
      description =
          "Longest time between two checkpoints, at most the brokers'"
              + " transaction.max.timeout.ms. Results of a job that is down for longer are lost.")
  Duration transactionTimeout = Duration.ofMinutes(14);

  @Option(
      names = "--checkpoint-interval",
      converter = DurationConverter.class,
      description = "Results appear to read_committed consumers once in this time.")
  Duration checkpointInterval = Duration.ofSeconds(10);

  @Option(
      names = "--parallelism",
      description =
          "Subtasks; those of a process share a batched program's engine. Flink's default if not given.")
  Integer parallelism;

  @Option(names = "--job-name", description = "Name of the job in Flink.")
  String jobName = "stream-enrichment";

  private boolean helpPrinted;

  /**
   * Reads arguments.
   *
   * @throws IllegalArgumentException naming the argument that is wrong and what it should be
   */
  public static StreamEnrichmentOptions parse(String... args) {
    StreamEnrichmentOptions options = new StreamEnrichmentOptions();
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

  /**
   * Whether the arguments asked for help or the version, which has been printed: nothing to run.
   */
  boolean helpPrinted() {
    return helpPrinted;
  }

  /** The connector's options that these arguments mean. */
  Configuration inference() {
    Path modelFile = model.toAbsolutePath();
    Configuration configuration = Configuration.fromMap(connectorOptions);
    configuration.set(ExecuTorchOptions.MODEL_PATH, modelFile.toString());
    configuration.set(
        ExecuTorchOptions.TOKENIZER_PATH,
        (tokenizer == null ? modelFile.getParent() : tokenizer.toAbsolutePath()).toString());
    if (template.text != null) {
      configuration.set(ExecuTorchOptions.PROMPT_TEMPLATE, template.text);
    } else if (template.file != null) {
      configuration.set(ExecuTorchOptions.PROMPT_TEMPLATE, read(template.file));
    }
    return configuration;
  }

  /** Prefix of the transactional ids of the sink of {@code topic}. */
  String transactionalIdPrefix(String topic) {
    return (transactionalIdPrefix == null ? groupId : transactionalIdPrefix) + "-" + topic;
  }

  /** What every Kafka client of the job gets. */
  Properties clientProperties() {
    Properties properties = new Properties();
    properties.putAll(kafkaProperties);
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return properties;
  }

  private void validate() {
    if (!HOST_PORTS.matcher(bootstrapServers).matches()) {
      throw new IllegalArgumentException(
          "--bootstrap-servers must be host:port,host:port, got " + bootstrapServers);
    }
    requirePositive("--checkpoint-interval", checkpointInterval);
    requirePositive("--transaction-timeout", transactionTimeout);
    if (parallelism != null && parallelism < 1) {
      throw new IllegalArgumentException("--parallelism must be at least 1, got " + parallelism);
    }
    if (deliveryGuarantee == DeliveryGuarantee.EXACTLY_ONCE
        && transactionTimeout.compareTo(checkpointInterval) <= 0) {
      throw new IllegalArgumentException(
          "--transaction-timeout (%s) must be longer than --checkpoint-interval (%s): a transaction lasts from one checkpoint to the next."
              .formatted(transactionTimeout, checkpointInterval));
    }
  }

  private static void requirePositive(String name, Duration duration) {
    if (duration.toMillis() < 1) {
      throw new IllegalArgumentException(name + " must be at least 1 ms, got " + duration);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot read --prompt-template-file " + file + ": " + e, e);
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
