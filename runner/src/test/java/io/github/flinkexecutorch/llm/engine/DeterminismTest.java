package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.FinishReason;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.engine.Workload.Outcome;
import io.github.flinkexecutorch.runtime.KvType;
import io.github.flinkexecutorch.runtime.Threading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a request is given never depends on its company: 64 requests of all kinds have the same rows
 * of logits, by their bits, and the same completions as one after another, however they are
 * batched, cut, preempted and threaded.
 */
@Tag("native")
class DeterminismTest {
  private static final EngineOptions DEFAULTS = EngineOptions.DEFAULTS.withMaxSequences(64);
  private static final int REQUESTS = 64;
  private static final int SEED = 7;

  /** Pages of the longest sequence of the workload, and one more. */
  private static final int FEW_PAGES = 9;

  private static final Map<String, Map<String, Outcome>> ALONE = new ConcurrentHashMap<>();

  @AfterEach
  void everythingReleased() throws InterruptedException {
    Engines.assertAllClosed();
  }

  static List<BatchedGoldens> models() {
    return BatchedGoldens.kinds();
  }

  static Stream<Arguments> batches() {
    return each(1, 2, 3, 5, 8, 16, 64);
  }

  static Stream<Arguments> budgets() {
    return each(1, 3, 7, 16, 100);
  }

  @ParameterizedTest
  @MethodSource("batches")
  void shouldNotDependOnTheSizeOfABatch(BatchedGoldens model, int sequences) {
    assertSame(model, DEFAULTS.withMaxSequences(sequences));
  }

  @ParameterizedTest
  @MethodSource("budgets")
  void shouldNotDependOnHowPromptsAreCut(BatchedGoldens model, int tokens) {
    assertSame(model, DEFAULTS.withMaxStepTokens(tokens));
    assertSame(model, DEFAULTS.withMaxStepTokens(tokens).withPrefixCache(false));
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldNotDependOnThePrefixCache(BatchedGoldens model) {
    assertSame(model, DEFAULTS.withPrefixCache(false));
    LogitsRecorder recorder = LogitsRecorder.ofHashes();
    try (LLMEngine engine = Engines.open(model.spec(Threading.INLINE), DEFAULTS, recorder)) {
      assertThat(workload(model).run(engine, recorder)).isEqualTo(alone(model));
      assertThat(workload(model).run(engine, recorder)).isEqualTo(alone(model)); // all known now
      assertThat(engine.stats().prefixHitRate()).isGreaterThan(0.2);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldNotDependOnALackOfPages(BatchedGoldens model) {
    long preemptions = 0;
    for (boolean prefixCache : new boolean[] {true, false}) {
      for (int tokens : new int[] {0, 7}) {
        EngineOptions options =
            Engines.withPages(model, DEFAULTS, FEW_PAGES)
                .withPrefixCache(prefixCache)
                .withMaxStepTokens(tokens);
        LogitsRecorder recorder = LogitsRecorder.ofHashes();
        try (LLMEngine engine = Engines.open(model.spec(Threading.INLINE), options, recorder)) {
          assertThat(workload(model).run(engine, recorder)).isEqualTo(alone(model));
          preemptions += engine.stats().preemptions();
        }
      }
    }
    assertThat(preemptions).isPositive();
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldNotDependOnTheSizeOfPages(BatchedGoldens model) {
    for (int tokens : new int[] {0, 3}) {
      assertSame(model, DEFAULTS.withKvCache(0, 32, KvType.FLOAT).withMaxStepTokens(tokens));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldNotDependOnThreads(BatchedGoldens model) {
    assertThat(workload(model).run(model.spec(Threading.POOL), DEFAULTS)).isEqualTo(alone(model));
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldNotDependOnTheOrderOfRequests(BatchedGoldens model) {
    for (int seed = 1; seed <= 3; seed++) {
      assertThat(workload(model).shuffled(seed).run(model.spec(Threading.INLINE), DEFAULTS))
          .isEqualTo(alone(model));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldNotDependOnWhoSharesTheEngine(BatchedGoldens model) {
    Map<String, Outcome> expected = new HashMap<>();
    alone(model).forEach((id, outcome) -> expected.put(id, outcome.withoutRows()));
    for (int clients : new int[] {1, 2, 4}) {
      List<InferenceEngine> leases =
          IntStream.range(0, clients)
              .mapToObj(i -> SharedEngines.lease(model.spec(Threading.INLINE), DEFAULTS, "shared"))
              .map(CompletableFuture::join)
              .toList();
      Map<String, CompletableFuture<GenerationResult>> futures = new HashMap<>();
      for (GenerationRequest request : workload(model).requests()) {
        futures.put(request.id(), leases.get(futures.size() % clients).submit(request));
      }
      Map<String, Outcome> outcomes = new HashMap<>();
      futures.forEach((id, future) -> outcomes.put(id, Outcome.of(future.join(), new TreeMap<>())));
      leases.forEach(InferenceEngine::close);

      assertThat(outcomes).as("%d clients", clients).isEqualTo(expected);
    }
  }

  /** A replay after a failure: what was complete before is the same, and so is the rest. */
  @ParameterizedTest
  @MethodSource("models")
  @SuppressWarnings("FutureReturnValueIgnored") // the next request finds out whether it is closed
  void shouldNotDependOnARestart(BatchedGoldens model) {
    Map<String, GenerationResult> before = new HashMap<>();
    List<CompletableFuture<GenerationResult>> futures = new ArrayList<>();
    try (LLMEngine engine = Engines.open(model, DEFAULTS.withMaxSequences(4))) {
      for (GenerationRequest request : workload(model).requests()) {
        CompletableFuture<GenerationResult> future = engine.submit(request);
        boolean last = futures.size() == REQUESTS / 3; // closed in the step that completes it
        futures.add(last ? future.thenRun(engine::close).thenCompose(closed -> future) : future);
      }
      futures.get(REQUESTS / 3).join();
    }
    for (int i = 0; i < REQUESTS; i++) {
      if (!futures.get(i).isCompletedExceptionally()) {
        before.put(workload(model).requests().get(i).id(), futures.get(i).join());
      }
    }
    assertThat(before).isNotEmpty().hasSizeLessThan(REQUESTS);

    Map<String, Outcome> after = workload(model).run(model.spec(Threading.INLINE), DEFAULTS);

    assertThat(after).isEqualTo(alone(model));
    before.forEach(
        (id, result) ->
            assertThat(Outcome.of(result, after.get(id).rows())).isEqualTo(after.get(id)));
  }

  /** Keys and values that are rounded are rounded the same way always. */
  @ParameterizedTest
  @MethodSource("models")
  void shouldNotDependOnCompanyWithSmallerKeysAndValues(BatchedGoldens model) {
    for (KvType type : List.of(KvType.BFLOAT16, KvType.INT8)) {
      EngineOptions options = DEFAULTS.withKvCache(0, 16, type);
      Map<String, Outcome> one =
          workload(model)
              .run(
                  model.spec(Threading.INLINE), options.withMaxSequences(1).withPrefixCache(false));
      assertThat(one).isNotEqualTo(alone(model));
      assertThat(workload(model).run(model.spec(Threading.INLINE), options)).isEqualTo(one);
      assertThat(
              workload(model)
                  .run(
                      model.spec(Threading.POOL),
                      Engines.withPages(model, options.withMaxStepTokens(7), FEW_PAGES, 16, type)))
          .isEqualTo(one);
    }
  }

  private static void assertSame(BatchedGoldens model, EngineOptions options) {
    assertThat(workload(model).run(model.spec(Threading.INLINE), options)).isEqualTo(alone(model));
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldSeeARowForEveryToken(BatchedGoldens model) {
    assertThat(alone(model)).hasSize(REQUESTS);
    assertThat(alone(model).values())
        .allMatch(outcome -> outcome.rows().size() == outcome.tokens().size())
        .extracting(Outcome::finishReason)
        .contains(FinishReason.STOP, FinishReason.LENGTH);
  }

  /** One request after another, without anything that is shared. */
  private static Map<String, Outcome> alone(BatchedGoldens model) {
    return ALONE.computeIfAbsent(
        model.name(),
        absent ->
            workload(model)
                .run(
                    model.spec(Threading.INLINE),
                    DEFAULTS.withMaxSequences(1).withPrefixCache(false)));
  }

  private static Workload workload(BatchedGoldens model) {
    return Workload.of(model, REQUESTS, SEED);
  }

  private static Stream<Arguments> each(Integer... values) {
    return models().stream()
        .flatMap(model -> Stream.of(values).map(value -> Arguments.of(model, value)));
  }
}
