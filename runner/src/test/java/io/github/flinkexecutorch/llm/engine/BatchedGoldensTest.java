package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.MultimodalInput;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Batched programs of all families against PyTorch: the tokens and logits of transformers, and the
 * logits of quantized models as PyTorch computes them.
 */
@Tag("native")
class BatchedGoldensTest {
  /** For other orders of adding floats: most difference of a row as a part of its size, by RMS. */
  private static final double FLOAT_BOUND = 1e-5; // measured: 0.3e-5

  /** The same where activations are rounded to 8 bits, here and there each with its own scales. */
  private static final double QUANTIZED_BOUND = 0.06; // measured: 0.02 to 0.043

  static List<BatchedGoldens> text() {
    return BatchedGoldens.all().stream().filter(BatchedGoldens::isText).toList();
  }

  static Stream<BatchedGoldens> exact() {
    return text().stream().filter(model -> model.linear().equals("fp32"));
  }

  @ParameterizedTest
  @MethodSource("exact")
  void shouldGenerateTheTokensOfTransformers(BatchedGoldens model) {
    try (LLMEngine engine = LLMEngine.open(model.spec(), EngineOptions.DEFAULTS, "test")) {
      List<CompletableFuture<GenerationResult>> together =
          model.goldens().stream().map(golden -> engine.submit(golden.request())).toList();
      for (int i = 0; i < together.size(); i++) {
        BatchedGoldens.Golden golden = model.goldens().get(i);
        assertThat(together.get(i).join().tokens()).as(golden.id()).isEqualTo(golden.tokens());
        assertThat(engine.submit(golden.request()).join().tokens())
            .as("%s alone", golden.id())
            .isEqualTo(golden.tokens());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("text")
  void shouldComputeTheLogitsOfPyTorch(BatchedGoldens model) {
    LogitsRecorder recorder = LogitsRecorder.ofRows();
    double bound = model.linear().equals("fp32") ? FLOAT_BOUND : QUANTIZED_BOUND;
    try (LLMEngine engine = Engines.open(model.spec(), EngineOptions.DEFAULTS, recorder)) {
      List<CompletableFuture<GenerationResult>> results = new ArrayList<>();
      for (BatchedGoldens.Golden golden : model.goldens()) {
        golden.logits().forEach(logits -> results.add(engine.submit(upTo(golden, logits))));
      }
      results.forEach(CompletableFuture::join);
    }
    for (BatchedGoldens.Golden golden : model.goldens()) {
      for (BatchedGoldens.Logits logits : golden.logits()) {
        String id = golden.id() + " " + logits.token();
        float[] row = recorder.row(id, golden.promptTokens().size() + logits.token() - 1);
        assertThat(difference(row, logits.values())).as(id).isLessThan(bound);
      }
    }
  }

  /** The prompt and the golden completion before the token: whatever the model would choose. */
  private static GenerationRequest upTo(
      BatchedGoldens.Golden golden, BatchedGoldens.Logits logits) {
    Stream<Integer> tokens =
        Stream.concat(
            golden.promptTokens().stream(), golden.tokens().stream().limit(logits.token()));
    MultimodalInput input =
        MultimodalInput.makeTokenInput(tokens.mapToInt(Integer::intValue).toArray());
    return GenerationRequest.of(golden.id() + " " + logits.token(), "", BatchedGoldens.greedy(1))
        .withInputs(List.of(input));
  }

  private static double difference(float[] row, List<Float> expected) {
    assertThat(row).hasSize(expected.size());
    double squares = 0;
    double differences = 0;
    for (int i = 0; i < row.length; i++) {
      squares += Math.pow(expected.get(i), 2);
      differences += Math.pow(row[i] - expected.get(i), 2);
    }
    return Math.sqrt(differences / squares);
  }
}
