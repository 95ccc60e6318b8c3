package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import io.github.flinkexecutorch.connector.FailurePolicy;
import io.github.flinkexecutorch.jobs.JobOptions;
import io.github.flinkexecutorch.jobs.files.OutputFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of {@link BatchInferenceJob}. Read-only once parsed. */
@PublicEvolving
@Command(
    name = "batch-inference",
    mixinStandardHelpOptions = true,
    version = "0.1.0",
    sortOptions = false,
    usageHelpAutoWidth = true,
    showDefaultValues = true,
    description = "Completes prompts from files with a language model, inside Flink.")
public final class BatchInferenceOptions extends JobOptions {
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofMinutes(1);
  private static final int MOST_SHARDS = 10_000;

  /** How completions are written. */
  enum Format {
    JSONL,
    PARQUET
  }

  @Parameters(
      paramLabel = "INPUT",
      description =
          "A folder, with the folders below; a glob in quotes, such as 'logs/**/*.jsonl'; a single"
              + " .jsonl, .ndjson or .parquet; or a list of files, .txt with one path a line. Paths,"
              + " or URIs of Flink's file systems.")
  String input;

  @Option(
      names = "--output",
      defaultValue = "${sys:batch.output}",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      description = "Folder for completions, dead letters and the report, a path or a URI.")
  String output;

  @ArgGroup Prompt prompt = new Prompt();

  /** Where the prompt comes from, one of three. */
  static final class Prompt {
    @Option(
        names = "--prompt-field",
        paramLabel = "FIELD",
        description =
            "Field or column that is the prompt; a field within a field as outer.inner. The field"
                + " 'prompt' if nothing is given.")
    String field;

    @Option(
        names = "--prompt-template",
        paramLabel = "TEXT",
        description = "The prompt, with {{field}} for fields of the record.")
    String template;

    @Option(
        names = "--prompt-template-file",
        paramLabel = "FILE",
        description = "File that holds the template.")
    Path file;
  }

  @Option(
      names = "--id-field",
      paramLabel = "FIELD",
      description = "Field that names the record, 'id' if not given; without it FILE:OFFSET does.")
  String idField;

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}, of the completions.")
  Format format = Format.JSONL;

  @Option(
      names = "--partition-by",
      paramLabel = "FIELD",
      split = ",",
      description =
          "Fields of the record, in their order: a folder FIELD=value for the completions of each"
              + " value.")
  List<String> partitionBy = new ArrayList<>();

  @Option(
      names = "--shards",
      paramLabel = "N",
      description =
          "Folders shard=0000 and so on, below those of --partition-by, which the ids are spread"
              + " over by hash; 0 for none.")
  int shards;

  @Option(
      names = "--skip-existing",
      description = "Go on in an output folder that has completions; leave their records out.")
  boolean skipExisting;

  @Option(names = "--job-name", description = "Name of the job in Flink.")
  String jobName = "batch-inference";

  BatchInferenceOptions() {
    super(CHECKPOINT_INTERVAL);
  }

  /**
   * Reads arguments.
   *
   * @throws IllegalArgumentException naming the argument that is wrong and what it should be
   */
  public static BatchInferenceOptions parse(String... args) {
    BatchInferenceOptions options = new BatchInferenceOptions();
    if (options.read(args)) {
      options.validate();
    }
    return options;
  }

  BatchInput input() {
    return BatchInput.parse(input);
  }

  BatchOutput output() {
    return new BatchOutput(OutputFolder.of(output));
  }

  Partitioning partitioning() {
    return new Partitioning(partitionBy, shards);
  }

  @Override
  public Configuration inference() {
    Configuration configuration = super.inference();
    configuration.set(ExecuTorchOptions.FAILURE_POLICY, FailurePolicy.DEAD_LETTER);
    if (idField != null) {
      configuration.set(ExecuTorchOptions.ID_FIELD, idField);
    }
    if (configuration.getOptional(ExecuTorchOptions.OUTPUT_MODE).isEmpty()) {
      // No record waits for a longer one; files have no order anyway.
      configuration.set(ExecuTorchOptions.OUTPUT_MODE, OutputMode.UNORDERED);
    }
    if (prompt.field != null) {
      configuration.set(ExecuTorchOptions.PROMPT_TEMPLATE, "{{" + prompt.field + "}}");
    } else if (prompt.template != null) {
      configuration.set(ExecuTorchOptions.PROMPT_TEMPLATE, prompt.template);
    } else if (prompt.file != null) {
      configuration.set(
          ExecuTorchOptions.PROMPT_TEMPLATE, text("--prompt-template-file", prompt.file));
    }
    return configuration;
  }

  /** Most bytes of a record. Reads no file, unlike {@link #inference}. */
  int maxRecordBytes() {
    return Math.toIntExact(super.inference().get(ExecuTorchOptions.MAX_RECORD_SIZE).getBytes());
  }

  private void validate() {
    if (output == null || output.isBlank()) {
      throw new IllegalArgumentException("Missing required option: '--output'");
    }
    if (shards < 0 || shards > MOST_SHARDS) {
      throw new IllegalArgumentException(
          "--shards must be between 0 and %d, got %d".formatted(MOST_SHARDS, shards));
    }
    if (partitionBy.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("--partition-by has a field without a name.");
    }
  }
}
