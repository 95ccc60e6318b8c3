package io.github.flinkexecutorch.connector;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.EngineSharing;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import io.github.flinkexecutorch.llm.engine.SharedPrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The batched sample model in a cluster: what slots share, and that nobody notices. */
class BatchedTicketsITCase {
  private static final int TICKETS = 200;
  private static final int SLOTS = 4;

  private static final List<RecordOrigin> RECORDS = Tickets.records(TICKETS);

  /** How many engines there were while records came out. */
  private static final Set<Long> ENGINES = ConcurrentHashMap.newKeySet();

  private static final AtomicBoolean INJECTED = new AtomicBoolean();
  private static Map<String, String> alone;

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(SLOTS);

  /** What the engine says without Flink, one request after the other. */
  @BeforeAll
  static void completeAlone() {
    GenerationSettings settings = GenerationSettings.from(options());
    RequestReader reader = new RequestReader(options());
    try (InferenceEngine engine = open(EngineSharing.PROCESS, "alone").join()) {
      alone =
          RECORDS.stream()
              .map(record -> settings.requestFor(reader.read(record)))
              .collect(toMap(r -> r.id(), r -> engine.submit(r).join().text()));
    }
    TestCluster.requireNothingOpen();
  }

  @BeforeEach
  void forgetEarlierTests() {
    ENGINES.clear();
    INJECTED.set(false);
  }

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @ParameterizedTest
  @CsvSource({"1, PROCESS", "2, PROCESS", "4, PROCESS", "1, SLOT", "4, SLOT"})
  void shouldWriteWhatTheEngineSaysAlone(int parallelism, EngineSharing sharing) throws Exception {
    Configuration options = options().set(ExecuTorchOptions.ENGINE_SHARING, sharing);

    assertThat(run(environment(parallelism), options)).isEqualTo(alone);

    if (sharing == EngineSharing.PROCESS) {
      assertThat(ENGINES).containsExactly(1L);
    }
  }

  @Test
  void shouldWriteTheSameAfterARestartAndLeaveNoEngineOpen() throws Exception {
    StreamExecutionEnvironment env = environment(SLOTS);
    env.enableCheckpointing(20);
    // A checkpoint then need not wait for the records that are on their way already.
    env.getCheckpointConfig().enableUnalignedCheckpoints();
    Configuration slow = options().set(ExecuTorchOptions.CAPACITY, 1);

    assertThat(run(Tickets.inference(inParts(env), slow))).isEqualTo(alone);

    assertThat(INJECTED).isTrue();
  }

  @Test
  void shouldOpenOneEngineForAllSlotsAndDisturbNobodyWhenOneCloses() {
    List<InferenceEngine> slots = openSlots(EngineSharing.PROCESS);
    assertThat(engines()).isEqualTo(1);
    assertThat(slots).allSatisfy(slot -> assertThat(slot.sharedBy()).isEqualTo(SLOTS));
    assertThat(SharedPrograms.open()).hasSize(1);

    List<CompletableFuture<GenerationResult>> dropped = submitAll(slots.get(0));
    List<CompletableFuture<GenerationResult>> others = submitAll(slots.get(1));
    slots.get(0).close();

    assertThat(slots.get(1).sharedBy()).isEqualTo(SLOTS - 1);
    assertThat(dropped).allMatch(CompletableFuture::isDone);
    assertThat(slots.get(0).inFlight()).isZero();
    assertThat(others.stream().map(future -> future.join().text()))
        .containsExactlyInAnyOrderElementsOf(alone.values());
    slots.forEach(InferenceEngine::close);
  }

  @Test
  void shouldOpenAnEngineForEachSlotOverOneProgramWhenNotShared() {
    List<InferenceEngine> slots = openSlots(EngineSharing.SLOT);

    assertThat(engines()).isEqualTo(SLOTS);
    assertThat(slots).allSatisfy(slot -> assertThat(slot.sharedBy()).isEqualTo(1));
    assertThat(SharedPrograms.open()).hasSize(1);
    slots.forEach(InferenceEngine::close);
  }

  private static Configuration options() {
    return Tickets.batchedOptions()
        .set(ExecuTorchOptions.TEMPERATURE, 0.7f)
        .set(ExecuTorchOptions.OUTPUT_MODE, OutputMode.UNORDERED);
  }

  private static List<InferenceEngine> openSlots(EngineSharing sharing) {
    List<CompletableFuture<InferenceEngine>> opening = new ArrayList<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      opening.add(open(sharing, "slot-" + slot));
    }
    return opening.stream().map(CompletableFuture::join).toList();
  }

  private static CompletableFuture<InferenceEngine> open(EngineSharing sharing, String name) {
    Configuration options = options().set(ExecuTorchOptions.ENGINE_SHARING, sharing);
    return new ModelEngineFactory(options).open(name);
  }

  private static List<CompletableFuture<GenerationResult>> submitAll(InferenceEngine engine) {
    GenerationSettings settings = GenerationSettings.from(options());
    RequestReader reader = new RequestReader(options());
    return RECORDS.stream()
        .map(record -> engine.submit(settings.requestFor(reader.read(record))))
        .toList();
  }

  private static long engines() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("llm-engine-"))
        .count();
  }

  private static StreamExecutionEnvironment environment(int parallelism) {
    return TestCluster.environment(parallelism, 1);
  }

  private static Map<String, String> run(StreamExecutionEnvironment env, Configuration options)
      throws Exception {
    return run(Tickets.inference(env, options, RECORDS));
  }

  private static Map<String, String> run(InferenceStreams out) throws Exception {
    var completed = out.completions().map(new Watch()).collectAsync();
    out.completions().getExecutionEnvironment().execute();
    List<Completion> completions = new ArrayList<>();
    completed.forEachRemaining(completions::add);
    return completions.stream().collect(toMap(Completion::id, Completion::text)); // no doubles
  }

  /** The tickets, each part once a checkpoint is complete. */
  private static DataStream<RecordOrigin> inParts(StreamExecutionEnvironment env) {
    DataGeneratorSource<RecordOrigin> source =
        new DataGeneratorSource<>(
            number -> RECORDS.get(number.intValue()),
            TICKETS,
            RateLimiterStrategy.perCheckpoint(TICKETS / 4),
            TypeInformation.of(RecordOrigin.class));
    return env.fromSource(source, WatermarkStrategy.noWatermarks(), "tickets").setParallelism(1);
  }

  /** Counts engines, and fails at the first record after a checkpoint, once in a test. */
  private static final class Watch extends RichMapFunction<Completion, Completion>
      implements CheckpointListener {
    private static final long serialVersionUID = 1L;
    private transient volatile boolean checkpointed;

    @Override
    public Completion map(Completion completion) {
      ENGINES.add(engines());
      if (checkpointed && INJECTED.compareAndSet(false, true)) {
        throw new IllegalStateException("injected");
      }
      return completion;
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
      checkpointed = true;
    }
  }
}
