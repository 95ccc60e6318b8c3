package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.logging.log4j.core.LogEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of records are in no line of the log, whatever becomes of them; ids are. */
class LogPrivacyITCase {
  private static final String MARKER = "quokka";
  private static final String COMPLETED = "{\"category\"";

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

    assertThatThrownBy(() -> run(options, List.of(record("cold", MARKER, -1))))
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

    assertThatThrownBy(() -> sql.predict("*", "message", "async", async))
        .hasStackTraceContaining("CONTEXT_OVERFLOW");

    assertThat(log.text()).contains("CONTEXT_OVERFLOW");
    requireNoTexts();
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
