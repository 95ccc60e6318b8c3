package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sample model in a cluster. */
class TicketsITCase {
  private static final int TICKETS = 100;

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2);

  @TempDir private Path folder;

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldWriteTheSameJsonAtAnyParallelism() throws Exception {
    Map<String, String> one = completions(run(1, Tickets.options(), Tickets.records(TICKETS)));
    Map<String, String> two = completions(run(2, Tickets.options(), Tickets.records(TICKETS)));

    assertThat(two).isEqualTo(one);
    Map<String, String> expected = Tickets.expectedJson(TICKETS);
    assertThat(one.keySet()).isEqualTo(expected.keySet());
    long exact =
        one.entrySet().stream()
            .filter(entry -> entry.getValue().strip().equals(expected.get(entry.getKey())))
            .count();
    assertThat(exact).isGreaterThanOrEqualTo(TICKETS * 97 / 100);
  }

  @Test
  void shouldSampleTheSameTextAtAnyParallelism() throws Exception {
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.TEMPERATURE, 4f); // the sample model is sure of its answers
    options.set(ExecuTorchOptions.MAX_NEW_TOKENS, 40);
    options.set(ExecuTorchOptions.OUTPUT_MODE, OutputMode.UNORDERED);
    Map<String, String> one = completions(run(1, options, Tickets.records(20)));
    Map<String, String> two = completions(run(2, options, Tickets.records(20)));

    assertThat(two).isEqualTo(one);
    options.set(ExecuTorchOptions.SEED, 1L);
    assertThat(completions(run(1, options, Tickets.records(20)))).isNotEqualTo(one);
  }

  @Test
  void shouldTurnBadRecordsIntoDeadLettersAndGoOn() throws Exception {
    List<RecordOrigin> records = new ArrayList<>(Tickets.records(5));
    String[] bad = {
      "not JSON",
      "{\"id\":\"no-message\"}",
      "{\"id\":\"empty\",\"message\":\"\"}",
      "{\"id\":\"cold\",\"message\":\"x\",\"options\":{\"temperature\":-1}}",
      "{\"id\":\"short\",\"message\":\"x\",\"options\":{\"max_new_tokens\":0}}",
      "{\"id\":\"long\",\"message\":\"" + "help ".repeat(20_000) + "\"}",
    };
    for (String json : bad) {
      records.add(Tickets.record(records.size(), json));
    }
    records.add(Tickets.record(records.size(), "{\"id\":\"last\",\"message\":\"Hello\"}"));

    Results results = run(1, Tickets.options(), records);

    assertThat(results.completions).hasSize(6).last().extracting(Completion::id).isEqualTo("last");
    assertThat(results.stats).hasSameSizeAs(results.completions);
    assertThat(results.failures)
        .extracting(Failure::id, Failure::kind)
        .containsExactly(
            tuple("tickets-0-5", FailureKind.MALFORMED),
            tuple("no-message", FailureKind.MISSING_FIELD),
            tuple("empty", FailureKind.EMPTY_PROMPT),
            tuple("cold", FailureKind.INVALID_PARAMETER),
            tuple("short", FailureKind.INVALID_PARAMETER),
            tuple("long", FailureKind.CONTEXT_OVERFLOW));
    assertThat(results.failures)
        .allSatisfy(failure -> assertThat(failure.origin().value()).isNotEmpty());
  }

  @Test
  void shouldStopEachGenerationAtItsTimeLimit() throws Exception {
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.TIME_LIMIT, Duration.ofMillis(1));

    Results results = run(1, options, Tickets.records(3));

    FaultReport.row(31, "TicketsITCase#shouldStopEachGenerationAtItsTimeLimit")
        .records(
            Tickets.messages(3).keySet(),
            results.completions.stream().map(Completion::id).toList(),
            results.failures.stream().map(Failure::id).toList())
        .write();
    assertThat(results.completions).isEmpty();
    assertThat(results.failures)
        .extracting(Failure::kind)
        .containsExactly(FailureKind.TIMEOUT, FailureKind.TIMEOUT, FailureKind.TIMEOUT);
  }

  @Test
  void shouldFinishOnItsOwnCopyWhenTheModelIsDeleted() throws Exception {
    Path model = Files.copy(Tickets.MODEL, folder.resolve("model.pte"));
    Configuration options = Tickets.options();
    options.set(ExecuTorchOptions.MODEL_PATH, model.toString());
    options.set(ExecuTorchOptions.MODEL_CACHE_DIRECTORY, folder.resolve("cache").toString());
    StreamExecutionEnvironment env = environment(1);
    String doomed = model.toString();
    var completed =
        Tickets.inference(env, options, Tickets.records(20))
            .completions()
            .map(
                completion -> {
                  Files.deleteIfExists(Path.of(doomed));
                  return completion;
                })
            .returns(Completion.class)
            .collectAsync();
    env.execute();

    List<Completion> completions = new ArrayList<>();
    completed.forEachRemaining(completions::add);
    assertThat(model).doesNotExist();
    assertThat(completions).hasSize(20);
  }

  @ParameterizedTest
  @CsvSource({
    "executorch.model.path, missing.pte",
    "executorch.model.path, empty.pte",
    "executorch.model.path, noise.pte",
    "executorch.model.path, truncated.pte",
    "executorch.model.path, .",
    "executorch.model.path, /proc/sys/vm/compact_memory", // to be written only, by root too
    "executorch.tokenizer.path, missing.json",
    "executorch.tokenizer.path, broken.json",
    "executorch.tokenizer.path, noise.pte"
  })
  void shouldFailAtOnceNamingTheFileWhenItCannotBeUsed(String option, String file)
      throws IOException {
    byte[] model = Files.readAllBytes(Tickets.MODEL);
    Files.write(folder.resolve("empty.pte"), new byte[0]);
    Files.write(
        folder.resolve("noise.pte"), "This is no program at all. ".repeat(100).getBytes(UTF_8));
    Files.write(folder.resolve("truncated.pte"), Arrays.copyOf(model, model.length / 2));
    Files.writeString(folder.resolve("broken.json"), "{\"model\":");
    Configuration options = Tickets.options();
    options.setString(option, folder.resolve(file).normalize().toString());
    StreamExecutionEnvironment env = environment(1);
    Tickets.inference(env, options, Tickets.records(1))
        .completions()
        .sinkTo(new DiscardingSink<>());

    assertThatThrownBy(env::execute)
        .hasStackTraceContaining("SuppressRestarts")
        .hasStackTraceContaining("InvalidModelException")
        .hasStackTraceContaining(folder.resolve(file).normalize().toString());
  }

  @Test
  void shouldEndSoonWhenCancelledDuringGeneration() throws Exception {
    Configuration options = Tickets.options();
    StreamExecutionEnvironment env = environment(2);
    var endless =
        env.fromSequence(1, Long.MAX_VALUE)
            .map(n -> InferenceRequest.of(Long.toString(n), "Ticket: my kettle " + n))
            .returns(InferenceRequest.class);
    var completed =
        LlmInference.builder().options(options).build().apply(endless).completions().collectAsync();
    JobClient job = env.executeAsync();
    assertThat(completed.hasNext()).isTrue(); // generating by now

    job.cancel().get();

    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> job.getJobStatus().get() == JobStatus.CANCELED);
  }

  @Test
  void shouldCloseBeforeTheEndOfGeneration() throws Exception {
    int completed = TICKETS;
    for (int i = 0; i < 20 && completed == TICKETS; i++) { // it may end before anybody can close
      completed = completedUntilClosed();
    }

    assertThat(completed).isLessThan(TICKETS);
  }

  private static int completedUntilClosed() throws Exception {
    EngineFactory engines = new ModelEngineFactory(Tickets.options());
    LlmOperator operator = new LlmOperator(engines, OutputMode.ORDERED, 0);
    operator.open();
    RequestReader reader = new RequestReader(Tickets.options());
    for (RecordOrigin record : Tickets.records(TICKETS)) {
      operator.process(reader.read(record));
    }

    assertTimeout(Duration.ofMinutes(1), operator::close);

    int completed = operator.outcomes().size();
    assertThat(operator.taskFailure()).isEmpty();
    return completed;
  }

  private static StreamExecutionEnvironment environment(int parallelism) {
    return TestCluster.environment(parallelism, 100);
  }

  private static Results run(int parallelism, Configuration options, List<RecordOrigin> records)
      throws Exception {
    StreamExecutionEnvironment env = environment(parallelism);
    InferenceStreams out = Tickets.inference(env, options, records);
    var completions = out.completions().collectAsync();
    var stats = out.stats().collectAsync();
    var failures = out.failures().collectAsync();
    env.execute();
    Results results = new Results(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    completions.forEachRemaining(results.completions::add);
    stats.forEachRemaining(results.stats::add);
    failures.forEachRemaining(results.failures::add);
    return results;
  }

  private static Map<String, String> completions(Results results) {
    assertThat(results.failures).isEmpty();
    return results.completions.stream().collect(toMap(Completion::id, Completion::text));
  }

  private record Results(
      List<Completion> completions, List<StatsReport> stats, List<Failure> failures) {}
}
