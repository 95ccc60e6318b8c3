package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.FinishReason;
import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Requests of all kinds, made of a seed: greedy and sampled, with penalties, biases, stop texts and
 * grammars, short and long, many of which begin alike.
 */
record Workload(List<GenerationRequest> requests) {
  /**
   * What became of a request.
   *
   * @param rows hashes of the rows of logits that its tokens were chosen from, by position; empty
   *     if they were not recorded
   */
  record Outcome(
      String text,
      List<Integer> tokens,
      List<Float> logprobs,
      FinishReason finishReason,
      NavigableMap<Integer, Long> rows) {
    static Outcome of(GenerationResult result, NavigableMap<Integer, Long> rows) {
      return new Outcome(
          result.text(), result.tokens(), result.logprobs(), result.finishReason(), rows);
    }

    Outcome withoutRows() {
      return new Outcome(text, tokens, logprobs, finishReason, new TreeMap<>());
    }
  }

  static Workload of(BatchedGoldens model, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(
          GenerationRequest.of("r" + i, prompt(model, random), config(i, random))
              .withPriority(random.nextInt(8) == 0 ? 1 : 0));
    }
    return new Workload(List.copyOf(requests));
  }

  /** The same requests in another order. */
  Workload shuffled(long seed) {
    List<GenerationRequest> shuffled = new ArrayList<>(requests);
    Collections.shuffle(shuffled, new Random(seed));
    return new Workload(List.copyOf(shuffled));
  }

  /** What becomes of the requests, all submitted at once, by their ids. */
  Map<String, Outcome> run(ModelSpec spec, EngineOptions options) {
    LogitsRecorder recorder = LogitsRecorder.ofHashes();
    try (LLMEngine engine = Engines.open(spec, options, recorder)) {
      return run(engine, recorder);
    }
  }

  Map<String, Outcome> run(InferenceEngine engine, LogitsRecorder recorder) {
    Map<String, CompletableFuture<GenerationResult>> futures = new LinkedHashMap<>();
    recorder.hold();
    requests.forEach(request -> futures.put(request.id(), engine.submit(request)));
    // Prompts are read one after the other: when this one is refused, all others are in line.
    assertThat(engine.submit(GenerationRequest.of("last", " ", BatchedGoldens.greedy(1))))
        .failsWithin(Duration.ofMinutes(1));
    recorder.release();
    Map<String, Outcome> outcomes = new HashMap<>();
    futures.forEach(
        (id, future) -> outcomes.put(id, Outcome.of(future.join(), recorder.hashes(id))));
    if (!recorder.contradictions().isEmpty()) {
      throw new AssertionError("Computed again with other bits: " + recorder.contradictions());
    }
    return outcomes;
  }

  private static String prompt(BatchedGoldens model, SplittableRandom random) {
    String text = model.goldens().get(random.nextInt(model.goldens().size())).prompt();
    int end = 1 + random.nextInt(text.length());
    String beginning = text.substring(0, end);
    return beginning.isBlank() ? text : beginning;
  }

  private static GenerationConfig config(int number, SplittableRandom random) {
    GenerationConfig.Builder config =
        GenerationConfig.builder()
            .temperature(0)
            .seed(random.nextLong())
            .maxNewTokens(1 + random.nextInt(24))
            .ignoreEos(random.nextBoolean())
            .logprobs(true);
    return switch (number % 8) {
      case 0, 1 -> config.build();
      case 2 -> config.temperature(0.8f).topP(0.9f).build();
      case 3 -> config.temperature(1.5f).topK(20).logitBias(Map.of(40, 2f)).build();
      case 4 -> config.repetitionPenalty(1.3f).presencePenalty(0.5f).build();
      case 5 -> config.temperature(1).frequencyPenalty(0.4f).stop("e", "the").build();
      case 6 -> config.ignoreEos(false).grammar("regex", "[a-z]{2,5}( [a-z]{2,5}){1,4}").build();
      default ->
          config
              .ignoreEos(false)
              .temperature(1)
              .grammar("json_schema", "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}")
              .build();
    };
  }
}
