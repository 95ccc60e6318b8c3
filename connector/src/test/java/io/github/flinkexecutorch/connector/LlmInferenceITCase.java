package io.github.flinkexecutorch.connector;

import static io.github.flinkexecutorch.connector.TestCluster.failureOf;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The operator in a cluster, on an engine without a model. */
class LlmInferenceITCase {
  private static final int REQUESTS = 1000;

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2);

  private static final AtomicInteger OPENED = new AtomicInteger();
  private static volatile FakeEngine held;

  @TempDir private Path savepoints;

  @BeforeEach
  void forgetEarlierTests() {
    OPENED.set(0);
    held = FakeEngine.holding();
  }

  @Test
  void shouldAccountForEveryRequestOnceWhenATaskFails() throws Exception {
    StreamExecutionEnvironment env = environment();
    env.enableCheckpointing(20);
    // Each part once a checkpoint is complete, and longer in work than it takes until the next one.
    InferenceStreams out =
        inference(engineTaking(20))
            .apply(requests(env, RateLimiterStrategy.perCheckpoint(REQUESTS / 5)));
    var completed =
        out.completions()
            .map(new FailOnceAfterCheckpoint<>())
            .returns(Completion.class)
            .collectAsync();
    var failed = out.failures().collectAsync();
    env.execute();
    List<Completion> completions = new ArrayList<>();
    completed.forEachRemaining(completions::add);
    List<Failure> failures = new ArrayList<>();
    failed.forEachRemaining(failures::add);

    assertThat(FailOnceAfterCheckpoint.failures()).isOne();
    assertThat(completions).hasSize(REQUESTS - REQUESTS / 10);
    assertThat(byId(completions, Completion::id).values())
        .allSatisfy(
            completion ->
                assertThat(completion.text())
                    .isEqualTo(FakeEngine.answerTo("prompt " + completion.id())));
    assertThat(byId(failures, Failure::id).keySet())
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(1, REQUESTS)
                .filter(id -> id % 10 == 0)
                .mapToObj(Long::toString)
                .toList());
  }

  @Test
  void shouldFailTheJobAtOnceWhenTheModelCannotBeOpened() {
    StreamExecutionEnvironment env = environment();
    LlmInference broken =
        inference(
            name -> {
              OPENED.incrementAndGet();
              return CompletableFuture.failedFuture(
                  new InvalidModelException("Model file /m.pte does not exist"));
            });
    broken.apply(requests(env)).completions().sinkTo(new DiscardingSink<>());

    assertThatThrownBy(env::execute).hasStackTraceContaining("Model file /m.pte does not exist");
    assertThat(OPENED.get()).isBetween(1, 2); // once a subtask, never again
  }

  @Test
  void shouldFailTheJobNamingTheRecordWhenThePolicySaysSo() {
    LlmInference strict =
        LlmInference.builder().engines(engineTaking(1)).failurePolicy(FailurePolicy.FAIL).build();

    assertThat(failureOf(() -> execute(strict))).hasStackTraceContaining("failed (EMPTY_PROMPT)");
  }

  private static void execute(LlmInference inference) throws Exception {
    StreamExecutionEnvironment env = environment();
    env.configure(new Configuration().set(RestartStrategyOptions.RESTART_STRATEGY, "none"));
    inference.apply(requests(env)).completions().sinkTo(new DiscardingSink<>());
    env.execute();
  }

  @Test
  void shouldEndSoonAndCloseTheEngineWhenCancelledDuringGeneration() throws Exception {
    StreamExecutionEnvironment env = environment();
    env.setParallelism(1);
    inference(name -> CompletableFuture.completedFuture(held))
        .apply(requests(env))
        .completions()
        .sinkTo(new DiscardingSink<>());
    JobClient job = env.executeAsync();
    await().until(() -> held.inFlight() > 0);

    job.cancel().get();

    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> job.getJobStatus().get() == JobStatus.CANCELED);
    assertThat(held.isClosed()).isTrue();
  }

  @Test
  void shouldEndSoonAndCloseTheLateEngineWhenCancelledDuringLoad() throws Exception {
    CompletableFuture<InferenceEngine> loading = new CompletableFuture<>();
    SlowDisk.loading = loading;
    StreamExecutionEnvironment env = environment();
    env.setParallelism(1);
    inference(new SlowDisk()).apply(requests(env)).completions().sinkTo(new DiscardingSink<>());
    JobClient job = env.executeAsync();
    await().until(() -> OPENED.get() == 1);

    job.cancel().get();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> job.getJobStatus().get() == JobStatus.CANCELED);
    loading.complete(held);

    assertThat(held.isClosed()).isTrue();
  }

  @Test
  void shouldLoseNothingAcrossASavepointAndAnotherParallelism() throws Exception {
    StreamExecutionEnvironment before = environment();
    before.enableCheckpointing(20);
    FirstRecords some = FirstRecords.of(REQUESTS / 4); // of each subtask's half
    var completedBefore = pipeline(requests(before, some), engineTaking(50), 8).collectAsync();
    JobClient job = before.executeAsync();
    List<Completion> completions = new ArrayList<>();
    while (completions.size() < 100) {
      completions.add(completedBefore.next());
    }
    String savepoint =
        job.stopWithSavepoint(false, savepoints.toString(), SavepointFormatType.CANONICAL).get();
    completedBefore.forEachRemaining(completions::add);
    assertThat(completions).hasSizeLessThan(REQUESTS - REQUESTS / 10);

    StreamExecutionEnvironment after = environment();
    after.configure(
        new Configuration()
            .set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint)
            .set(
                StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE,
                true)); // the old collector's
    after.setParallelism(1);
    after.enableCheckpointing(20);
    var completedAfter = pipeline(requests(after), engineTaking(1), 2).collectAsync();
    after.execute();
    completedAfter.forEachRemaining(completions::add);

    // A collector shows what was emitted after the savepoint; a transactional sink would drop it.
    assertThat(completions.stream().map(Completion::text).distinct())
        .hasSize(REQUESTS - REQUESTS / 10);
  }

  /** The same operators in each job, so that one restores the state of another. */
  private static DataStream<Completion> pipeline(
      DataStream<InferenceRequest> requests, EngineFactory engines, int capacity) {
    return LlmInference.builder()
        .engines(engines)
        .capacity(capacity)
        .build()
        .apply(requests)
        .completions();
  }

  private static StreamExecutionEnvironment environment() {
    return TestCluster.environment(2, 100);
  }

  private static EngineFactory engineTaking(long millis) {
    return name -> CompletableFuture.completedFuture(FakeEngine.taking(Duration.ofMillis(millis)));
  }

  private static LlmInference inference(EngineFactory engines) {
    return LlmInference.builder().engines(engines).build();
  }

  /** Requests named 1, 2, …; every tenth has a blank prompt. */
  private static DataStream<InferenceRequest> requests(StreamExecutionEnvironment env) {
    return requests(env, RateLimiterStrategy.noOp());
  }

  private static DataStream<InferenceRequest> requests(
      StreamExecutionEnvironment env, RateLimiterStrategy<?> pace) {
    DataGeneratorSource<InferenceRequest> source =
        new DataGeneratorSource<>(
            number -> request(number + 1),
            REQUESTS,
            pace,
            TypeInformation.of(InferenceRequest.class));
    return env.fromSource(source, WatermarkStrategy.noWatermarks(), "requests").uid("requests");
  }

  private static InferenceRequest request(long id) {
    return InferenceRequest.of(Long.toString(id), id % 10 == 0 ? " " : "prompt " + id);
  }

  private static <T> Map<String, T> byId(List<T> records, Function<T, String> id) {
    return records.stream().collect(toMap(id, Function.identity())); // throws on a duplicate
  }

  /** Loads when the test says so. */
  private static final class SlowDisk implements EngineFactory {
    private static final long serialVersionUID = 1L;
    private static volatile CompletableFuture<InferenceEngine> loading;

    @Override
    public CompletableFuture<InferenceEngine> open(String name) {
      OPENED.incrementAndGet();
      return loading;
    }
  }
}
