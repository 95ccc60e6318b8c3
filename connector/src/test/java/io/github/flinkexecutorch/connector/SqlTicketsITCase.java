package io.github.flinkexecutorch.connector;

import static io.github.flinkexecutorch.connector.TestCluster.failureOf;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample model in SQL, beside the same model in the operator. */
class SqlTicketsITCase {
  private static final int TICKETS = 100;
  private static final String SECRET = "my secret is Rumpelstiltskin";
  private static final String INPUT = "message STRING";
  private static final String COMPLETION = "completion STRING";
  private static final String ERRORS = "completion STRING, error_kind STRING, error STRING";

  private static final TypeInformation<Row> TICKET =
      Types.ROW_NAMED(new String[] {"id", "message"}, Types.STRING, Types.STRING);

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2);

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @ParameterizedTest
  @MethodSource("waysToRun")
  void shouldWriteWhatTheOperatorWrites(RuntimeExecutionMode mode, boolean batched, String async)
      throws Exception {
    Configuration options = batched ? Tickets.batchedOptions() : Tickets.options();
    SqlModels sql =
        new SqlModels(mode, 2)
            .table(TICKET, tickets(TICKETS))
            .model(INPUT, COMPLETION, SqlModels.options(options));

    List<Row> rows = sql.predict("id, completion", "message", "async", async);

    assertThat(rows).hasSize(TICKETS);
    assertThat(byId(rows)).isEqualTo(operator(options));
  }

  private static Stream<Arguments> waysToRun() {
    return SqlModels.modes()
        .flatMap(
            mode ->
                Stream.of(
                    Arguments.of(mode, true, "true"),
                    Arguments.of(mode, true, "false"),
                    Arguments.of(mode, false, "true"),
                    Arguments.of(mode, false, "false")));
  }

  @Test
  void shouldSampleByTheContentOfTheRowAlone() throws Exception {
    Configuration options = hot();
    RowReader reader = new RowReader(options, List.of("message"), List.of());
    List<Row> tickets = tickets(20);
    List<InferenceRequest> requests =
        tickets.stream().map(row -> reader.read(List.of(message(row)), List.of())).toList();
    Map<String, String> operator = operator(options, requests);
    List<Row> doubled = new ArrayList<>(tickets);
    tickets.forEach(row -> doubled.add(Row.of(row.getField(0) + " again", message(row))));

    Map<String, String> rows = predict(SqlModels.options(options), doubled, 2);

    for (int i = 0; i < tickets.size(); i++) {
      String id = (String) tickets.get(i).getField(0);
      assertThat(rows.get(id)).isEqualTo(operator.get(requests.get(i).id()));
      assertThat(rows.get(id + " again")).isEqualTo(rows.get(id));
    }
    assertThat(new HashSet<>(rows.values())).hasSizeGreaterThan(10);
    assertThat(predict(SqlModels.options(options, "seed", "1"), doubled, 2)).isNotEqualTo(rows);
  }

  @Test
  void shouldTellAboutTheCompletionInFurtherColumns() throws Exception {
    SqlModels sql =
        SqlModels.streaming(1)
            .table(TICKET, tickets(1))
            .model(
                INPUT,
                "`text` STRING, finish_reason STRING, prompt_tokens INT, generated_tokens INT,"
                    + " model_digest STRING, error_kind STRING, error STRING",
                SqlModels.options(Tickets.options(), "max-tokens", "3"));

    Row row = sql.predict("*", "message").get(0);

    assertThat((String) row.getField("text")).isNotEmpty();
    assertThat(row.getField("finish_reason")).isEqualTo("LENGTH");
    assertThat((Integer) row.getField("prompt_tokens")).isGreaterThan(10);
    assertThat(row.getField("generated_tokens")).isEqualTo(3);
    assertThat((String) row.getField("model_digest")).matches("[0-9a-f]{64}");
    assertThat(row.getField("error_kind")).isNull();
    assertThat(row.getField("error")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "max-tokens, 5, executorch.generation.max-new-tokens, 5",
    "stop, 'e,o', executorch.generation.stop, e;o",
    "seed, 7, executorch.generation.seed, 7",
    "top-p, 0.00001, executorch.generation.top-p, 0.00001",
    "presence-penalty, 2, executorch.generation.presence-penalty, 2",
    "response-format, json_object, executorch.generation.json-schema, '{\"type\":\"object\"}'",
  })
  void shouldTakeTheNamesOfOtherProviders(
      String name, String value, String operatorsName, String operatorsValue) throws Exception {
    Configuration hot = hot();
    if (name.equals("max-tokens")) {
      hot.removeConfig(ExecuTorchOptions.MAX_NEW_TOKENS);
    }
    List<Row> tickets = tickets(5);

    assertThat(predict(SqlModels.options(hot, name, value), tickets, 1))
        .isEqualTo(predict(SqlModels.options(hot, operatorsName, operatorsValue), tickets, 1))
        .isNotEqualTo(predict(SqlModels.options(hot), tickets, 1));
  }

  @Test
  void shouldTakeATemperatureAsOtherProvidersDo() throws Exception {
    Configuration cold = hot();
    cold.removeConfig(ExecuTorchOptions.TEMPERATURE);

    assertThat(predict(SqlModels.options(cold, "temperature", "4"), tickets(5), 1))
        .isEqualTo(predict(SqlModels.options(hot()), tickets(5), 1))
        .isNotEqualTo(predict(SqlModels.options(cold), tickets(5), 1));
  }

  @Test
  void shouldMakeThePromptOfSeveralColumns() throws Exception {
    Configuration options = Tickets.options();
    List<Row> halves =
        tickets(5).stream()
            .map(
                row -> {
                  int half = message(row).length() / 2;
                  return Row.of(
                      row.getField(0),
                      message(row).substring(0, half),
                      message(row).substring(half));
                })
            .toList();
    SqlModels sql =
        SqlModels.streaming(1)
            .table(
                Types.ROW_NAMED(
                    new String[] {"id", "begin", "end"}, Types.STRING, Types.STRING, Types.STRING),
                halves)
            .model(
                "head STRING, tail STRING",
                COMPLETION,
                SqlModels.options(
                    options,
                    ExecuTorchOptions.PROMPT_TEMPLATE.key(),
                    options
                        .get(ExecuTorchOptions.PROMPT_TEMPLATE)
                        .replace("{{message}}", "{{head}}{{tail}}")));

    assertThat(byId(sql.predict("id, completion", "`begin`, `end`")))
        .isEqualTo(predict(SqlModels.options(options), tickets(5), 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void shouldPutErrorsIntoColumnsAndGoOn(String async) throws Exception {
    List<Row> rows = new ArrayList<>(tickets(2));
    rows.add(Row.of("null", null));
    rows.add(Row.of("blank", " "));
    rows.add(Row.of("long", "help ".repeat(20_000)));
    rows.add(Row.of("large", "x".repeat(200_000)));
    rows.addAll(tickets(1));
    SqlModels sql =
        SqlModels.streaming(1)
            .table(TICKET, rows)
            .model(
                INPUT,
                ERRORS,
                SqlModels.options(Tickets.options(), "executorch.request.max-size", "150 kb"));

    List<Row> results = sql.predict("id, completion, error_kind, error", "message", "async", async);

    assertThat(results)
        .extracting(row -> row.getField("id") + " " + row.getField("error_kind"))
        .containsExactly(
            "T-0001 null",
            "T-0002 null",
            "null MISSING_FIELD",
            "blank EMPTY_PROMPT",
            "long CONTEXT_OVERFLOW",
            "large TOO_LARGE",
            "T-0001 null");
    assertThat(results)
        .allSatisfy(
            row -> {
              boolean failed = row.getField("error_kind") != null;
              assertThat(row.getField("completion") == null).isEqualTo(failed);
              assertThat(row.getField("error") != null).isEqualTo(failed);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void shouldDropFailedRowsIfNoColumnTellsOfThem(String async) throws Exception {
    List<Row> rows = new ArrayList<>(tickets(2));
    rows.add(1, Row.of("null", null));
    SqlModels sql =
        SqlModels.streaming(1)
            .table(TICKET, rows)
            .model(
                INPUT,
                COMPLETION,
                SqlModels.options(Tickets.options(), "error-handling-strategy", "IGNORE"));

    assertThat(sql.predict("id", "message", "async", async))
        .extracting(row -> row.getField(0))
        .containsExactly("T-0001", "T-0002");
  }

  /** Whatever becomes of other rows that fail. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void shouldSkipRowsThatAreTooLongIfToldSo(String async) throws Exception {
    List<Row> rows = new ArrayList<>(tickets(2));
    rows.add(1, Row.of("long", "help ".repeat(20_000)));
    rows.add(Row.of("blank", " "));
    SqlModels sql =
        SqlModels.streaming(1)
            .table(TICKET, rows)
            .model(
                INPUT,
                ERRORS,
                SqlModels.options(Tickets.options(), "context-overflow-action", "skipped"));

    assertThat(sql.predict("id, error_kind", "message", "async", async))
        .extracting(row -> row.getField(0) + " " + row.getField(1))
        .containsExactly("T-0001 null", "T-0002 null", "blank EMPTY_PROMPT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void shouldFailTheJobWithoutAWordOfTheRow(String async) {
    SqlModels sql =
        SqlModels.streaming(1)
            .table(TICKET, List.of(Row.of(SECRET, (SECRET + " ").repeat(1000))))
            .model(
                INPUT,
                ERRORS,
                SqlModels.options(Tickets.options(), "error-handling-strategy", "FAILOVER"));

    Throwable failure =
        catchThrowable(() -> sql.predict("id, completion", "message", "async", async));

    assertThat(ExceptionUtils.stringifyException(failure))
        .contains("PredictionFailedError: A row failed (CONTEXT_OVERFLOW)")
        .doesNotContain(SECRET);
  }

  @Test
  void shouldFailTheJobByDefaultIfNoColumnTellsOfErrors() {
    SqlModels sql =
        SqlModels.streaming(1)
            .table(TICKET, List.of(Row.of("null", null)))
            .model(INPUT, COMPLETION, SqlModels.options(Tickets.options()));

    assertThat(failureOf(() -> sql.predict("*", "message")))
        .hasStackTraceContaining("A row failed (MISSING_FIELD)")
        .hasStackTraceContaining("With IGNORE the job goes on");
  }

  @Test
  void shouldFailAtOnceNamingTheModelThatIsMissing() {
    SqlModels sql =
        SqlModels.streaming(1)
            .table(TICKET, tickets(1))
            .model(
                INPUT,
                ERRORS,
                SqlModels.options(
                    Tickets.options(), "executorch.model.path", "/nowhere/model.pte"));

    assertThatThrownBy(() -> sql.predict("*", "message"))
        .hasStackTraceContaining("SuppressRestarts")
        .hasStackTraceContaining("/nowhere/model.pte");
  }

  /** The sample model is sure of its answers. */
  private static Configuration hot() {
    return Tickets.batchedOptions()
        .set(ExecuTorchOptions.TEMPERATURE, 4f)
        .set(ExecuTorchOptions.MAX_NEW_TOKENS, 40);
  }

  private static Map<String, String> predict(
      Map<String, String> options, List<Row> rows, int parallelism) throws Exception {
    return byId(
        SqlModels.streaming(parallelism)
            .table(TICKET, rows)
            .model(INPUT, COMPLETION, options)
            .predict("id, completion", "message"));
  }

  private static List<Row> tickets(int count) {
    return Tickets.messages(count).entrySet().stream()
        .map(ticket -> Row.of(ticket.getKey(), ticket.getValue()))
        .toList();
  }

  private static String message(Row ticket) {
    return (String) ticket.getField(1);
  }

  private static Map<String, String> byId(List<Row> rows) {
    return rows.stream().collect(toMap(r -> (String) r.getField(0), r -> (String) r.getField(1)));
  }

  private static Map<String, String> operator(Configuration options) throws Exception {
    StreamExecutionEnvironment env = TestCluster.environment(2, 0);
    return completions(env, Tickets.inference(env, options, Tickets.records(TICKETS)));
  }

  private static Map<String, String> operator(
      Configuration options, List<InferenceRequest> requests) throws Exception {
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    return completions(env, Pictures.inference(env, options, requests));
  }

  private static Map<String, String> completions(
      StreamExecutionEnvironment env, InferenceStreams out) throws Exception {
    var completions = out.completions().collectAsync();
    env.execute();
    return Pictures.all(completions).stream().collect(toMap(Completion::id, Completion::text));
  }
}
