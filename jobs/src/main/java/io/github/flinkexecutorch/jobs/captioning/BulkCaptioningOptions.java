package io.github.flinkexecutorch.jobs.captioning;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.FailurePolicy;
import io.github.flinkexecutorch.jobs.KafkaJobOptions;
import io.github.flinkexecutorch.jobs.MessageSize;
import io.github.flinkexecutorch.jobs.files.OutputFolder;
import io.github.flinkexecutorch.runtime.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of {@link BulkCaptioningJob}. Read-only once parsed. */
@PublicEvolving
@Command(
    name = "bulk-captioning",
    mixinStandardHelpOptions = true,
    version = "0.1.0",
    sortOptions = false,
    usageHelpAutoWidth = true,
    showDefaultValues = true,
    description = "Captions images with a model that sees, inside Flink.")
public final class BulkCaptioningOptions extends KafkaJobOptions {
  private static final String DEFAULT_PROMPT = "<image>";

  private static final int THUMBNAIL_PIXELS = 160;

  private static final int DIGEST_CHARACTERS = 16;

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
      required = true,
      defaultValue = "${sys:caption.output}",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      description = "Folder for the captions and the dead letters, a path or a URI.")
  String output;

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
      names = "--bootstrap-servers",
      description = "Kafka brokers, host:port,host:port, for results in topics as well.")
  String bootstrapServers;

  @Option(names = "--captions-topic", description = "One JSON record per caption.")
  String captionsTopic = "captions";

  @Option(names = "--dead-letters-topic", description = "One JSON record per image without one.")
  String deadLettersTopic = "caption-dead-letters";

  @Option(
      names = "--transactional-id-prefix",
      description =
          "Unique for each run on the brokers, the same in every start of this run;"
              + " the job name and a digest of the output folder if not given.")
  String transactionalIdPrefix;

  @Option(names = "--job-name", description = "Name of the job in Flink.")
  String jobName = "bulk-captioning";

  /**
   * Reads arguments.
   *
   * @throws IllegalArgumentException naming the argument that is wrong and what it should be
   */
  public static BulkCaptioningOptions parse(String... args) {
    BulkCaptioningOptions options = new BulkCaptioningOptions();
    if (options.read(args)) {
      options.validate();
    }
    return options;
  }

  CaptioningInput input() {
    return CaptioningInput.parse(input);
  }

  CaptionOutput output() {
    return new CaptionOutput(OutputFolder.of(output));
  }

  int maxRecordBytes() {
    return Math.toIntExact(super.inference().get(ExecuTorchOptions.MAX_RECORD_SIZE).getBytes());
  }

  @Override
  public Configuration inference() {
    Configuration configuration = super.inference();
    configuration.set(ExecuTorchOptions.FAILURE_POLICY, FailurePolicy.DEAD_LETTER);
    if (configuration.getOptional(ExecuTorchOptions.IMAGE_ROOTS).isEmpty()) {
      configuration.set(
          ExecuTorchOptions.IMAGE_ROOTS, roots.isEmpty() ? List.of(input().files().root()) : roots);
    }
    if (bootstrapServers != null
        && !configuration.contains(ExecuTorchOptions.MAX_COMPLETION_SIZE)) {
      configuration.set(
          ExecuTorchOptions.MAX_COMPLETION_SIZE, MessageSize.ofCompletion(clientProperties()));
    }
    if (thumbnails) {
      configuration.set(ExecuTorchOptions.IMAGE_THUMBNAIL, THUMBNAIL_PIXELS);
    }
    return configuration;
  }

  /**
   * Prefix of the transactional ids of the sink of {@code topic}. Runs at the same time have each
   * an output folder of their own; with one prefix they would abort each other's transactions.
   */
  String transactionalIdPrefix(String topic) {
    String prefix = transactionalIdPrefix;
    if (prefix == null) {
      String folder = OutputFolder.of(output).path().toString().replaceFirst("^file:", "");
      prefix = jobName + "-" + Sha256.hex(folder.getBytes(UTF_8)).substring(0, DIGEST_CHARACTERS);
    }
    return prefix + "-" + topic;
  }

  /** What every Kafka client of the job gets. */
  Properties clientProperties() {
    return clientProperties(bootstrapServers);
  }

  private void validate() {
    if (output == null || output.isBlank()) {
      throw new IllegalArgumentException("Missing required option: '--output'");
    }
    if (bootstrapServers != null
        && checkpointInterval().compareTo(CaptionSinks.TRANSACTION_TIMEOUT) >= 0) {
      throw new IllegalArgumentException(
          "--checkpoint-interval must be shorter than %d minutes with Kafka, got %s: a transaction lasts from one checkpoint to the next."
              .formatted(CaptionSinks.TRANSACTION_TIMEOUT.toMinutes(), checkpointInterval()));
    }
  }
}
