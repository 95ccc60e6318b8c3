package io.github.flinkexecutorch.connector;

import static io.github.flinkexecutorch.connector.TestCluster.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.ExceptionUtils;
import org.apache.logging.log4j.core.LogEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of records are in no line of the log, whatever becomes of them; ids are. */
class LogPrivacyITCase {
  private static final String MARKER = "quokka";
  private static final String COMPLETED = "{\"category\"";
  private static final Path BATCHED = Pictures.absolute("../sample-data/batched");

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(1);

  private CapturedLog log;

  @BeforeEach
  void capture() {
    log = CapturedLog.capture();
  }

  @AfterEach
  void release() {
    log.close();
    TestCluster.requireNothingOpen();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldNameRecordsThatFailByTheirIdsAlone(boolean batched) throws Exception {
    Configuration options = batched ? Tickets.batchedOptions() : Tickets.options();
    options.set(ExecuTorchOptions.MAX_RECORD_SIZE, MemorySize.ofMebiBytes(1));

    List<Failure> failures = run(options, records());

    assertThat(failures).hasSize(6);
    failures.forEach(failure -> assertThat(ours()).contains(failure.id() + " failed"));
    requireNoTexts();
  }

  @Test
  void shouldSayNothingOfARecordThatReachesItsTimeLimit() throws Exception {
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.TIME_LIMIT, Duration.ofMillis(1));

    assertThat(run(options, List.of(record("late", MARKER)))).hasSize(1);

    assertThat(ours()).contains("late failed: TIMEOUT");
    requireNoTexts();
  }

  @Test
  void shouldSayNothingOfARecordThatFailsItsJob() {
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.FAILURE_POLICY, FailurePolicy.FAIL);

    assertThat(failureOf(() -> run(options, List.of(record("cold", MARKER, -1)))))
        .hasStackTraceContaining("cold");

    assertThat(log.text()).contains("Request cold failed");
    requireNoTexts();
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void shouldSayNothingOfARowThatFailsItsJob(String async) {
    TypeInformation<Row> type = Types.ROW_NAMED(new String[] {"message"}, Types.STRING);
    Map<String, String> options =
        SqlModels.options(Tickets.options(), "error-handling-strategy", "FAILOVER");
    SqlModels sql =
        SqlModels.streaming(1)
            .table(type, List.of(Row.of(MARKER), Row.of((MARKER + " ").repeat(2000))))
            .model("message STRING", "completion STRING", options);

    assertThat(failureOf(() -> sql.predict("*", "message", "async", async)))
        .hasStackTraceContaining("CONTEXT_OVERFLOW");

    assertThat(log.text()).contains("CONTEXT_OVERFLOW");
    requireNoTexts();
  }

  /** In no way to fail: neither in the exception nor in a column. */
  @ParameterizedTest
  @MethodSource("waysToFail")
  void shouldSayNothingOfARowThatFails(
      String kind, Configuration options, String template, String message, @TempDir Path folder)
      throws Exception {
    if (template != null) {
      Path file = Files.writeString(folder.resolve("chat.jinja"), template);
      options.set(ExecuTorchOptions.CHAT_TEMPLATE, file.toString());
      options.removeConfig(ExecuTorchOptions.PROMPT_TEMPLATE);
    }
    for (String async : List.of("true", "false")) {
      Throwable failure =
          failureOf(
              () ->
                  model(options, message, "error-handling-strategy", "FAILOVER")
                      .predict("*", "message", "async", async));
      assertThat(ExceptionUtils.stringifyException(failure))
          .contains("A row failed (" + kind + ")")
          .doesNotContain(MARKER);
      List<Row> rows = model(options, message).predict("*", "message", "async", async);
      assertThat(rows).hasSize(1);
      assertThat(rows.get(0).getField("error_kind")).isEqualTo(kind);
      assertThat((String) rows.get(0).getField("error")).isNotBlank().doesNotContain(MARKER);
    }
    requireNoTexts();
  }

  static Stream<Arguments> waysToFail() {
    String words = (MARKER + " ").repeat(2000);
    return Stream.of(
        Arguments.of(
            "TEMPLATE",
            Tickets.options(),
            "{{ raise_exception('I will not read ' + messages[0].content) }}",
            MARKER),
        Arguments.of("TEMPLATE", Tickets.options(), "{{ messages[0].content | int + {} }}", MARKER),
        Arguments.of(
            "CONTEXT_OVERFLOW", Tickets.options(), "User: {{ messages[0].content }}", words),
        Arguments.of(
            "CONTEXT_OVERFLOW",
            Tickets.options().set(ExecuTorchOptions.REGEX, "[a-z]+"),
            null,
            words),
        Arguments.of(
            "INVALID_PARAMETER", // its tokenizer has no such letter
            Tickets.options()
                .set(ExecuTorchOptions.MODEL_PATH, BATCHED.resolve("llama.pte").toString())
                .set(ExecuTorchOptions.TOKENIZER_PATH, BATCHED.resolve("tokenizer.json").toString())
                .set(ExecuTorchOptions.REGEX, "ö{3}"),
            null,
            MARKER));
  }

  @Test
  void shouldSayHowLongARowWasThatIsSkippedOrCutAndNoMore() throws Exception {
    String words = (MARKER + " ").repeat(2000);
    Configuration options = Tickets.options().set(ExecuTorchOptions.MAX_NEW_TOKENS, 1);

    assertThat(
            model(options, words, "context-overflow-action", "skipped-log").predict("*", "message"))
        .isEmpty();
    assertThat(ours()).containsPattern("Row [0-9a-f]+ was skipped: Prompt of \\d+ tokens");
    assertThat(
            model(options, words, "context-overflow-action", "truncated-tail-log")
                .predict("*", "message"))
        .hasSize(1);
    assertThat(ours()).containsPattern("The prompt of row [0-9a-f]+ was cut by \\d+ tokens");
    requireNoTexts();
  }

  private static SqlModels model(Configuration options, String message, String... more) {
    return SqlModels.streaming(1)
        .table(Types.ROW_NAMED(new String[] {"message"}, Types.STRING), List.of(Row.of(message)))
        .model(
            "message STRING",
            "completion STRING, error_kind STRING, error STRING",
            SqlModels.options(options, more));
  }

  @Test
  void shouldSayWhereAModelRuns() throws Exception {
    run(Tickets.options(), List.of(record("good", MARKER)));

    assertThat(log.ours())
        .filteredOn(event -> event.getMessage().getFormattedMessage().contains("is ready"))
        .singleElement()
        .satisfies(
            event -> {
              Map<String, String> context = event.getContextData().toMap();
              assertThat(context)
                  .containsEntry("executorch-operator", "llm-inference")
                  .containsEntry("executorch-subtask", "0")
                  .containsEntry("executorch-attempt", "0")
                  .containsKeys("executorch-job", "flink-job-id");
            });
  }

  /** One that is good, and some that fail wherever records can. */
  private static List<RecordOrigin> records() {
    List<RecordOrigin> records = new ArrayList<>();
    records.add(record("good", MARKER));
    records.add(record("cold", MARKER, -1));
    records.add(record("long", (MARKER + " ").repeat(2000)));
    records.add(record("large", MARKER.repeat(200_000)));
    for (String json :
        List.of(
            MARKER + " is no JSON",
            "{\"id\":\"twice\",\"message\":\"" + MARKER + "\",\"message\":\"" + MARKER + "\"}",
            "{\"id\":\"nothing\",\"" + MARKER + "\":\"" + MARKER + "\"}")) {
      records.add(Tickets.record(records.size(), json));
    }
    return records;
  }

  private static RecordOrigin record(String id, String message) {
    return record(id, message, 0);
  }

  private static RecordOrigin record(String id, String message, int temperature) {
    String json =
        "{\"id\":\"%s\",\"message\":\"%s\",\"options\":{\"temperature\":%d}}"
            .formatted(id, message, temperature);
    return Tickets.record(id.hashCode(), json);
  }

  private static List<Failure> run(Configuration options, List<RecordOrigin> records)
      throws Exception {
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    InferenceStreams out = Tickets.inference(env, options, records);
    var failures = out.failures().collectAsync();
    env.execute();
    List<Failure> failed = new ArrayList<>();
    failures.forEachRemaining(failed::add);
    return failed;
  }

  private String ours() {
    StringBuilder lines = new StringBuilder();
    for (LogEvent event : log.ours()) {
      lines.append(event.getMessage().getFormattedMessage()).append('\n');
    }
    return lines.toString();
  }

  private void requireNoTexts() {
    assertThat(log.text()).contains("is ready").doesNotContain(MARKER).doesNotContain(COMPLETED);
  }
}
