package io.github.flinkexecutorch.connector;

import static io.github.flinkexecutorch.connector.TestCluster.failureOf;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.connector.table.FirstTryFailsProviderFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands before the engine, for rows of SQL: what it does, and what its metrics say. */
class SqlServingITCase {
  private static final int TICKETS = 10;
  private static final String INPUT = "message STRING";
  private static final String OUTPUT = "completion STRING, model_digest STRING, error_kind STRING";
  private static final TypeInformation<Row> TICKET =
      Types.ROW_NAMED(new String[] {"id", "message"}, Types.STRING, Types.STRING);

  private static final InMemoryReporter METRICS = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER =
      TestCluster.withSlots(1, METRICS.addToConfiguration(new Configuration()));

  @TempDir private Path journals;

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void shouldAnswerEqualRowsFromTheCacheAndNeverTryOneThatEndedAProcess(String async)
      throws Exception {
    Configuration options = Tickets.batchedOptions();
    List<Row> plain = model(tickets("")).predict("*", "message");
    Row guilty = plain.get(0);
    Path left = journals.resolve("left.journal");
    Files.write(left, alone(options, guilty));
    List<Row> twice = new ArrayList<>(tickets(""));
    twice.addAll(tickets(" again"));

    TableResult job =
        model(
                twice,
                "executorch.cache.max-bytes",
                "4 mb",
                "executorch.crash-journal.folder",
                journals.toString(),
                "executorch.rate.records-per-second",
                "1000",
                "executorch.retry.max-attempts",
                "2",
                "executorch.warm-up.prompt-tokens",
                "1;32")
            .start("*", "message", "async", async);
    Map<String, Row> rows = byId(SqlModels.rows(job));

    assertThat(rows).hasSize(2 * TICKETS);
    for (Row expected : plain.subList(1, TICKETS)) {
      for (String suffix : List.of("", " again")) {
        Row row = rows.get(expected.getField("id") + suffix);
        assertThat(row.getField("error_kind")).isNull();
        assertThat(row.getField("completion")).isEqualTo(expected.getField("completion"));
      }
    }
    for (String suffix : List.of("", " again")) {
      Row row = rows.get(guilty.getField("id") + suffix);
      assertThat(row.getField("error_kind")).isEqualTo("NATIVE_CRASH");
      assertThat(row.getField("completion")).isNull();
    }
    assertThat(value(job, "cacheHits")).isEqualTo(TICKETS - 1);
    assertThat(value(job, "cacheMisses")).isEqualTo(TICKETS - 1);
    assertThat(value(job, "completions")).isEqualTo(2 * (TICKETS - 1));
    assertThat(value(job, "kind.NATIVE_CRASH.failures")).isEqualTo(2);
    assertThat(files()).as("its own are gone").containsExactly(left);
  }

  /** The second row would have its turn after 1,000 s. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void shouldHoldRowsBackThatComeTooFastAndNoteThemMeanwhile(String async) throws Exception {
    TableResult job =
        model(
                tickets("").subList(0, 3),
                "executorch.crash-journal.folder",
                journals.toString(),
                "executorch.rate.records-per-second",
                "0.001")
            .start("*", "message", "async", async);
    long expected = Boolean.parseBoolean(async) ? 2 : 1; // or the one that the task waits for

    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              assertThat(value(job, "completions")).isEqualTo(1);
              assertThat(value(job, "rateWaiting")).isEqualTo(expected);
              assertThat(noted()).hasSize((int) expected);
            });

    job.getJobClient().orElseThrow().cancel().get();
    await().atMost(Duration.ofMinutes(1)).until(() -> files().isEmpty());
  }

  /**
   * Before Flink would fail the job for them: they wait for their turns longer than it lets them.
   */
  @Test
  @Tag("full")
  void shouldLetOnlyTheRowsFailThatReachTheTimeout() throws Exception {
    TableResult job =
        model(tickets("").subList(0, 3), "executorch.rate.records-per-second", "0.001")
            .start("*", "message", "async", "true", "timeout", "30 s");

    assertThat(SqlModels.rows(job))
        .extracting(row -> row.getField("error_kind"))
        .containsExactlyInAnyOrder(null, "TIMEOUT", "TIMEOUT");
  }

  @Test
  void shouldFailAtTheStartIfTheModelCannotBeWarmedUp() {
    assertThatThrownBy(
            () ->
                model(tickets(""), "executorch.warm-up.prompt-tokens", "100000")
                    .predict("*", "message"))
        .hasStackTraceContaining("SuppressRestarts")
        .hasStackTraceContaining("Prompt of 100000 tokens");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void shouldTryAgainWhatTheRuntimeFailedOn(String async) throws Exception {
    List<Row> plain = model(tickets("")).predict("*", "message");

    TableResult job = failing("retry-num", "1").start("*", "message", "async", async);

    assertThat(SqlModels.rows(job)).containsExactlyElementsOf(plain);
    assertThat(value(job, "retries")).isEqualTo(TICKETS);
    assertThat(value(job, "completions")).isEqualTo(TICKETS);
    assertThat(value(job, "kind.GENERATION_FAILED.failures")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"retry-num=0", "executorch.retry.max-attempts=1"})
  void shouldTryNothingAgainIfToldSo(String option) throws Exception {
    TableResult job = failing(option.split("=", -1)).start("*", "message");

    assertThat(SqlModels.rows(job))
        .hasSize(TICKETS)
        .allSatisfy(row -> assertThat(row.getField("error_kind")).isEqualTo("GENERATION_FAILED"));
    assertThat(value(job, "retries")).isZero();
    assertThat(value(job, "kind.GENERATION_FAILED.failures")).isEqualTo(TICKETS);
  }

  @Test
  void shouldFallBackOnWhatIsSaidForTheTimeAfterTheLastTry() throws Exception {
    String[] retry = {"error-handling-strategy", "RETRY", "retry-num", "0"};

    assertThat(failureOf(() -> failing(retry).predict("*", "message")))
        .hasStackTraceContaining("A row failed (GENERATION_FAILED)");
    String[] ignored =
        Stream.concat(Stream.of(retry), Stream.of("retry-fallback-strategy", "IGNORE"))
            .toArray(String[]::new);
    assertThat(failing(ignored).predict("*", "message")).hasSize(TICKETS);
  }

  private static SqlModels model(List<Row> rows, String... more) {
    return SqlModels.streaming(1)
        .table(TICKET, rows)
        .model(INPUT, OUTPUT, SqlModels.options(Tickets.batchedOptions(), more));
  }

  private static SqlModels failing(String... more) {
    Map<String, String> options = SqlModels.options(Tickets.batchedOptions(), more);
    options.put("provider", FirstTryFailsProviderFactory.PROVIDER);
    return SqlModels.streaming(1).table(TICKET, tickets("")).model(INPUT, OUTPUT, options);
  }

  private static List<Row> tickets(String suffix) {
    return Tickets.messages(TICKETS).entrySet().stream()
        .map(ticket -> Row.of(ticket.getKey() + suffix, ticket.getValue()))
        .toList();
  }

  /** The journal of a process that ended with this row alone in work. */
  private static byte[] alone(Configuration options, Row completed) {
    InferenceRequest request =
        new RowReader(options, List.of("message"), List.of())
            .read(List.of((String) completed.getField("message")), List.of());
    JournalKey key = JournalKey.of(request, (String) completed.getField("model_digest"));
    return JournalLine.of(JournalLine.State.ALONE, key).encoded();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(journals)) {
      return files.toList();
    }
  }

  /** Rows that are in work, as the journals say. */
  private List<JournalLine> noted() throws IOException {
    List<JournalLine> lines = new ArrayList<>();
    for (Path file : files()) {
      byte[] journal = Files.readAllBytes(file);
      for (int offset = 0; offset < journal.length; offset += JournalLine.BYTES) {
        lines.add(JournalLine.at(journal, offset));
      }
    }
    return lines.stream()
        .filter(Objects::nonNull)
        .filter(line -> line.state() == JournalLine.State.RUNNING)
        .toList();
  }

  private static Map<String, Row> byId(List<Row> rows) {
    return rows.stream().collect(toMap(row -> (String) row.getField("id"), row -> row));
  }

  private static long value(TableResult job, String name) {
    JobID id = job.getJobClient().orElseThrow().getJobID();
    List<Metric> found =
        METRICS.getMetricsByIdentifiers(id).entrySet().stream()
            .filter(metric -> metric.getKey().endsWith(".executorch." + name))
            .map(Map.Entry::getValue)
            .toList();
    assertThat(found).as(name).hasSize(1);
    return found.get(0) instanceof Counter counter
        ? counter.getCount()
        : ((Number) ((Gauge<?>) found.get(0)).getValue()).longValue();
  }
}
