package io.github.flinkexecutorch.connector.table;

import static java.util.stream.Collectors.joining;
import static org.apache.flink.table.api.DataTypes.INT;
import static org.apache.flink.table.api.DataTypes.STRING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.connector.ExecuTorchOptions;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.ModelDescriptor;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.TableEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused before a job starts, and by which words. */
class PlanningTest {
  private static final String TABLE =
      "CREATE TABLE t (a STRING, b STRING, c BYTES, d INT, image STRING)"
          + " WITH ('connector' = 'datagen')";

  /** Options of the operator that a table, a query or Flink itself has a place for in SQL. */
  private static final Set<ConfigOption<?>> NOT_FOR_MODELS =
      Set.of(
          ExecuTorchOptions.CAPACITY,
          ExecuTorchOptions.OUTPUT_MODE,
          ExecuTorchOptions.FAILURE_POLICY,
          ExecuTorchOptions.ALLOW_GRAMMARS,
          ExecuTorchOptions.ID_FIELD,
          ExecuTorchOptions.MODEL_FIELD,
          ExecuTorchOptions.MODEL_VERSION_FILE,
          ExecuTorchOptions.MAX_RECORD_DEPTH,
          ExecuTorchOptions.TOMBSTONES,
          ExecuTorchOptions.VALUE_FORMAT,
          ExecuTorchOptions.MAX_IMAGES,
          ExecuTorchOptions.IMAGE_PARALLELISM,
          ExecuTorchOptions.IMAGE_THUMBNAIL);

  @Test
  void shouldTakeEachOptionOfTheOperatorThatSaysSomethingAboutAModel() {
    Set<ConfigOption<?>> all = new HashSet<>(ExecuTorchModelOptions.OF_THE_OPERATOR);
    all.addAll(NOT_FOR_MODELS);

    assertThat(all).hasSize(ExecuTorchModelOptions.OF_THE_OPERATOR.size() + NOT_FOR_MODELS.size());
    assertThat(Stream.of(ExecuTorchOptions.class.getFields()).map(PlanningTest::valueOf))
        .containsExactlyInAnyOrderElementsOf(all);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x STRING              | a     | ",
        "x VARCHAR(10)         | a     | ",
        "x BYTES               | c     | ",
        "x VARBINARY(100)      | c     | ",
        "image STRING          | a     | ",
        "x STRING, y BYTES     | a, c  | ",
        "y BYTES, x STRING     | c, a  | ",
        "x STRING, y STRING    | a, b  | {{y}} {{x}}",
      })
  void shouldTakeTextsAndImages(String input, String columns, String template) {
    assertThatCode(
            () ->
                plan(
                    input,
                    "completion STRING",
                    columns,
                    template == null
                        ? Map.of()
                        : Map.of("executorch.request.prompt-template", template)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x INT              | d    | {{x}} | Input column 'x' is INT. A model takes STRING",
        "x STRING, y STRING | a, b |       | Columns [x, y] hold texts; set executorch.request.prompt-template",
        "x STRING           | a    | {{y}} | has the fields [y], and the columns of text are [x]",
        "x STRING, y STRING | a, b | {{x}} | it must use each, and no other",
        "x BYTES            | c    | {{x}} | the columns of text are []",
        "x STRING           | a    | {{x   | never closes it",
      })
  void shouldRefuseColumnsThatMakeNoPrompt(
      String input, String columns, String template, String message) {
    assertThatThrownBy(
            () ->
                plan(
                    input,
                    "completion STRING",
                    columns,
                    template == null
                        ? Map.of()
                        : Map.of("executorch.request.prompt-template", template)))
        .hasStackTraceContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "completion INT                           | must be STRING, and nullable",
        "completion STRING NOT NULL               | Output column 'completion' is STRING NOT NULL",
        "error STRING                             | cannot be named 'error'",
        "completion STRING, tokens INT            | 'tokens' is not known: after the completion there may be [finish_reason, ",
        "completion STRING, prompt_tokens BIGINT  | 'prompt_tokens' is BIGINT, but must be INT",
        "completion STRING, error VARCHAR(10)     | 'error' is VARCHAR(10), but must be STRING",
      })
  void shouldRefuseOutputsThatNoModelHas(String output, String message) {
    assertThatThrownBy(() -> plan("x STRING", output, "a", Map.of()))
        .hasStackTraceContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "executorch.async.capacity             | 3       | Unsupported options found for 'executorch'",
        "temprature                            | 1       | Unsupported options found for 'executorch'",
        "temperature                           | warm    | Could not parse value 'warm' for key 'temperature'",
        "temperature                           | -1      | temperature must be a finite number",
        "top-p                                 | 2       | topP must be above 0 and at most 1",
        "max-tokens                            | 0       | maxNewTokens must be >= 1",
        "presence-penalty                      | 3       | presencePenalty must be from -2 to 2",
        "context-overflow-action               | cut     | Expected one of: [[fail, truncated-head, truncated-head-log, truncated-middle, truncated-tail, truncated-tail-log, skipped, skipped-log]]",
        "system-prompt                         | ' '     | system-prompt must not be blank",
        "executorch.generation.regex           | (       | regular expression",
        "executorch.generation.json-schema     | []      | schema",
        "executorch.generation.repetition-penalty | 0    | repetitionPenalty must be a finite number above 0",
        "executorch.generation.frequency-penalty  | 3    | frequencyPenalty must be from -2 to 2",
        "executorch.generation.stop-token-ids     | -1   | stopTokenIds must be token ids >= 0",
        "stop                                  | 'a,,b'  | stop must be texts of 1 to",
        "error-handling-strategy               | PRAY    | Expected one of: [[RETRY, FAILOVER, IGNORE]]",
        "retry-fallback-strategy               | RETRY   | Expected one of: [[FAILOVER, IGNORE]]",
        "retry-num                             | -1      | retry-num must be >= 0 (0 for no retry), got -1",
        "response-format                       | json    | Expected one of: [[text, json_object]]",
        "executorch.engine.page-tokens         | 7       | An option executorch.engine.* cannot work",
        "executorch.image.roots                | images  | a local path must be absolute",
        "executorch.image.fetch-timeout        | 1 h     | must be 1 ms to",
        "executorch.request.image-marker       | ''      | must not be empty",
        "executorch.request.image-prompt       | What?   | there is no column of images",
        "executorch.model.path                 | ''      | Option executorch.model.path is missing",
      })
  void shouldRefuseOptionsThatCannotWork(String key, String value, String message) {
    assertThatThrownBy(() -> plan("x STRING", "completion STRING", "a", Map.of(key, value)))
        .hasStackTraceContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"executorch.model.path", "executorch.tokenizer.path"})
  void shouldMissRequiredOptions(String key) {
    TableEnvironment env = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    env.executeSql(TABLE);
    String other =
        key.equals("executorch.model.path") ? "executorch.tokenizer.path" : "executorch.model.path";
    env.executeSql(
        "CREATE MODEL m INPUT (x STRING) OUTPUT (y STRING)"
            + " WITH ('provider' = 'executorch', '%s' = 'a')".formatted(other));

    assertThatThrownBy(() -> explain(env, "a"))
        .hasStackTraceContaining("Missing required options are:\n\n" + key);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max-tokens              | 3    | executorch.generation.max-new-tokens | 3",
        "context-overflow-action | fail | executorch.request.context-overflow  | FAIL",
        "retry-num               | 3    | executorch.retry.max-attempts        | 4",
        "response-format         | text | executorch.generation.json-schema    | {}",
        "response-format         | text | executorch.generation.regex          | a",
      })
  void shouldRefuseTwoNamesOfOneOption(String name, String value, String other, String otherValue) {
    assertThatThrownBy(
            () ->
                plan("x STRING", "completion STRING", "a", Map.of(name, value, other, otherValue)))
        .hasStackTraceContaining("Options " + name + " and " + other + " exclude each other");
  }

  @Test
  void shouldRefuseAFallbackThatIsNeverUsed() {
    assertThatThrownBy(
            () ->
                plan(
                    "x STRING",
                    "completion STRING",
                    "a",
                    Map.of(
                        "error-handling-strategy",
                        "IGNORE",
                        "retry-fallback-strategy",
                        "FAILOVER")))
        .hasStackTraceContaining("retry-fallback-strategy has no effect");
  }

  @Test
  void shouldRefuseMetadataColumnsThatNoModelHas() {
    assertThatThrownBy(() -> planProgram(Schema.newBuilder().columnByMetadata("c", STRING())))
        .hasStackTraceContaining("is the completion and must be a plain column; 'c' is not");
    assertThatThrownBy(
            () ->
                planProgram(
                    Schema.newBuilder()
                        .column("completion", STRING())
                        .columnByMetadata("http-status-code", INT())))
        .hasStackTraceContaining("which is not known: there are [finish-reason, ")
        .hasStackTraceContaining("error-kind, error-string]");
    assertThatThrownBy(
            () ->
                planProgram(
                    Schema.newBuilder()
                        .column("completion", STRING())
                        .columnByMetadata("why", INT(), "error-string")))
        .hasStackTraceContaining("'why' is INT, but must be STRING");
    assertThatThrownBy(
            () ->
                planProgram(
                    Schema.newBuilder()
                        .column("completion", STRING())
                        .columnByExpression("twice", "completion || completion")))
        .hasStackTraceContaining("'twice' must be a plain or METADATA column");
    assertThatThrownBy(
            () ->
                planProgram(
                    Schema.newBuilder()
                        .column("completion", STRING())
                        .columnByMetadata("error-string", STRING())
                        .column("error", STRING())))
        .hasStackTraceContaining("'error' must stand before the METADATA columns");
  }

  private static void plan(
      String input, String output, String columns, Map<String, String> options) {
    TableEnvironment env = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    env.executeSql(TABLE);
    Map<String, String> all = new TreeMap<>(Map.of("provider", "executorch"));
    all.put("executorch.model.path", "model.pte");
    all.put("executorch.tokenizer.path", "tokenizer.json");
    all.putAll(options);
    env.executeSql(
        "CREATE MODEL m INPUT (%s) OUTPUT (%s) WITH (%s)"
            .formatted(
                input,
                output,
                all.entrySet().stream()
                    .map(e -> "'%s' = '%s'".formatted(e.getKey(), e.getValue()))
                    .collect(joining(", "))));
    explain(env, columns);
  }

  /** A model that a program makes. */
  private static void planProgram(Schema.Builder output) {
    TableEnvironment env = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    env.executeSql(TABLE);
    env.createTemporaryModel(
        "m",
        ModelDescriptor.forProvider("executorch")
            .inputSchema(Schema.newBuilder().column("x", STRING()).build())
            .outputSchema(output.build())
            .option("executorch.model.path", "model.pte")
            .option("executorch.tokenizer.path", "tokenizer.json")
            .build());
    explain(env, "a");
  }

  private static void explain(TableEnvironment env, String columns) {
    env.explainSql("SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(" + columns + "))");
  }

  private static ConfigOption<?> valueOf(java.lang.reflect.Field field) {
    try {
      return (ConfigOption<?>) field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError("Option " + field.getName() + " is not public.", e);
    }
  }
}
