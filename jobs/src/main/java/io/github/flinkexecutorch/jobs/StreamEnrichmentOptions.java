package io.github.flinkexecutorch.jobs;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of {@link StreamEnrichmentJob}. Read-only once parsed. */
@PublicEvolving
@Command(
    name = "stream-enrichment",
    mixinStandardHelpOptions = true,
    version = "0.1.0",
    sortOptions = false,
    usageHelpAutoWidth = true,
    showDefaultValues = true,
    description = "Completes prompts from a Kafka topic with a language model, inside Flink.")
public final class StreamEnrichmentOptions extends KafkaJobOptions {
  private static final String DEFAULT_MODEL = "default";
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
      names = "--named-model",
      paramLabel = "name=path",
      description =
          "Another model, for records whose model field has this name; its tokenizer lies beside it."
              + " May be given for each model but the first, which is --model and has the name"
              + " default.")
  Map<String, Path> namedModels = new LinkedHashMap<>();

  @Option(
      names = "--model-field",
      description = "Field that names the model of a record, with --named-model.")
  String modelField = "model";

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

  @Option(names = "--job-name", description = "Name of the job in Flink.")
  String jobName = "stream-enrichment";

  /**
   * Reads arguments.
   *
   * @throws IllegalArgumentException naming the argument that is wrong and what it should be
   */
  public static StreamEnrichmentOptions parse(String... args) {
    StreamEnrichmentOptions options = new StreamEnrichmentOptions();
    if (options.read(args)) {
      options.validate();
    }
    return options;
  }

  @Override
  public Configuration inference() {
    Configuration configuration = super.inference();
    if (template.text != null) {
      configuration.set(ExecuTorchOptions.PROMPT_TEMPLATE, template.text);
    } else if (template.file != null) {
      configuration.set(
          ExecuTorchOptions.PROMPT_TEMPLATE, text("--prompt-template-file", template.file));
    }
    if (!namedModels.isEmpty()) {
      configuration.set(ExecuTorchOptions.MODEL_FIELD, modelField);
    }
    if (!configuration.contains(ExecuTorchOptions.MAX_COMPLETION_SIZE)) {
      configuration.set(
          ExecuTorchOptions.MAX_COMPLETION_SIZE, MessageSize.ofCompletion(clientProperties()));
    }
    return configuration;
  }

  /**
   * The options of each model by its name, those of {@code --model} first. All have the same but
   * for their files.
   */
  Map<String, Configuration> models() {
    Map<String, Configuration> models = new LinkedHashMap<>();
    models.put(DEFAULT_MODEL, inference());
    namedModels.forEach(
        (name, path) -> {
          Path file = path.toAbsolutePath();
          Configuration options = inference();
          options.set(ExecuTorchOptions.MODEL_PATH, file.toString());
          options.set(ExecuTorchOptions.TOKENIZER_PATH, file.getParent().toString());
          options.removeConfig(ExecuTorchOptions.MODEL_DATA_FILES);
          models.put(name, options);
        });
    return models;
  }

  /** Prefix of the transactional ids of the sink of {@code topic}. */
  String transactionalIdPrefix(String topic) {
    return (transactionalIdPrefix == null ? groupId : transactionalIdPrefix) + "-" + topic;
  }

  /** What every Kafka client of the job gets. */
  Properties clientProperties() {
    return clientProperties(bootstrapServers);
  }

  private void validate() {
    if (!HOST_PORTS.matcher(bootstrapServers).matches()) {
      throw new IllegalArgumentException(
          "--bootstrap-servers must be host:port,host:port, got " + bootstrapServers);
    }
    requirePositive("--transaction-timeout", transactionTimeout);
    if (namedModels.containsKey(DEFAULT_MODEL)) {
      throw new IllegalArgumentException(
          "--named-model " + DEFAULT_MODEL + " is what --model is called; give another name.");
    }
    if (deliveryGuarantee == DeliveryGuarantee.EXACTLY_ONCE
        && transactionTimeout.compareTo(checkpointInterval()) <= 0) {
      throw new IllegalArgumentException(
          "--transaction-timeout (%s) must be longer than --checkpoint-interval (%s): a transaction lasts from one checkpoint to the next."
              .formatted(transactionTimeout, checkpointInterval()));
    }
  }
}
