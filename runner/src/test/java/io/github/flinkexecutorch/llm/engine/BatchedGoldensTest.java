package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.GenerationResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Batched programs of all families against transformers' own greedy tokens. */
@Tag("native")
class BatchedGoldensTest {
  static List<BatchedGoldens> exact() {
    return BatchedGoldens.all().stream().filter(model -> model.linear().equals("fp32")).toList();
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
}
