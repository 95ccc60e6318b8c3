package io.github.flinkexecutorch.jobs.batch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkexecutorch.jobs.files.OutputFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The arguments of a run with the sample model for tickets, and what the run has left. */
record BatchTestRun(Path output) {
  static final Path TICKETS = Path.of("../sample-data/tickets").toAbsolutePath().normalize();

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Records have the fields id and message. */
  BatchInferenceOptions options(Object input, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add(input.toString());
    arguments.add("--output=" + output);
    arguments.add("--model=" + TICKETS.resolve("model-batched.pte"));
    if (Stream.of(more).noneMatch(option -> option.startsWith("--prompt"))) {
      arguments.add("--prompt-template-file=" + TICKETS.resolve("prompt-template.txt"));
    }
    arguments.add("--checkpoint-interval=200ms");
    arguments.add("--option=executorch.generation.max-new-tokens=8");
    arguments.addAll(List.of(more));
    return BatchInferenceOptions.parse(arguments.toArray(String[]::new));
  }

  static RecordFormat format(BatchInferenceOptions options) {
    return new RecordFormat(options.input(), options.maxRecordBytes());
  }

  static String run(BatchInferenceOptions options) throws Exception {
    StreamExecutionEnvironment env = environment(0);
    BatchInferenceJob.define(env, options);
    return run(env, options);
  }

  static String run(StreamExecutionEnvironment env, BatchInferenceOptions options)
      throws Exception {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    BatchInferenceJob.run(env, options, new PrintStream(screen, true, UTF_8), false);
    return screen.toString(UTF_8);
  }

  static StreamExecutionEnvironment environment(int restarts) {
    Configuration configuration = new Configuration();
    configuration.set(DeploymentOptions.ATTACHED, true);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY, restarts == 0 ? "none" : "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts);
    return StreamExecutionEnvironment.getExecutionEnvironment(configuration);
  }

  static StreamExecutionEnvironment from(String savepoint) {
    StreamExecutionEnvironment env = environment(0);
    Configuration recovery = new Configuration();
    recovery.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    env.configure(recovery);
    return env;
  }

  List<JsonNode> completions() throws IOException {
    return records("completions");
  }

  List<JsonNode> deadLetters() throws IOException {
    return records("dead-letters");
  }

  JsonNode report() throws IOException {
    return JSON.readTree(output.resolve("report.json").toFile());
  }

  /** The folders, below that of the completions, that have some. */
  Set<String> partitions() throws IOException {
    String root = output.resolve("completions") + "/";
    return folder().parts("completions").stream()
        .map(part -> part.getParent().getPath() + "/")
        .map(parent -> parent.substring(root.length()))
        .collect(Collectors.toSet());
  }

  static List<String> ids(List<JsonNode> records) {
    return records.stream().map(record -> record.get("id").asText()).toList();
  }

  static Map<String, String> byId(List<JsonNode> records, String field) {
    Map<String, String> values = new TreeMap<>();
    records.forEach(record -> values.put(record.get("id").asText(), record.get(field).asText()));
    return values;
  }

  private OutputFolder folder() {
    return OutputFolder.of(output.toString());
  }

  private List<JsonNode> records(String folder) throws IOException {
    List<JsonNode> records = new ArrayList<>();
    for (org.apache.flink.core.fs.Path part : folder().parts(folder)) {
      if (OutputFolder.isParquet(part)) {
        try (Stream<JsonNode> rows =
            OutputFolder.rows(
                part,
                Set.of("id", "completion", "finish_reason", "prompt_tokens", "model_digest"),
                ParquetJson::of)) {
          rows.forEach(records::add);
        }
      } else {
        try (Stream<String> lines = OutputFolder.lines(part)) {
          lines.map(BatchTestRun::parse).forEach(records::add);
        }
      }
    }
    return records;
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
