package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.Goldens;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The batched sample model says what the official runner says with the standard one. */
@Tag("native")
class BatchedTicketsTest {
  private static final ModelSpec SPEC =
      ModelSpec.of(Goldens.TICKETS.resolve("model-batched.pte"), Goldens.TICKETS);

  @Test
  void shouldGenerateTheTokensOfTheStandardProgram() {
    GenerationConfig config = GenerationConfig.builder().temperature(0).maxNewTokens(64).build();
    List<Goldens> goldens = Goldens.of(Goldens.TICKETS);
    try (LLMEngine engine = LLMEngine.open(SPEC, EngineOptions.DEFAULTS, "tickets")) {
      List<CompletableFuture<GenerationResult>> together =
          goldens.stream()
              .map(golden -> GenerationRequest.of(golden.id(), golden.prompt(), config))
              .map(engine::submit)
              .toList();
      for (int i = 0; i < goldens.size(); i++) {
        GenerationResult result = together.get(i).join();
        assertThat(result.text()).isEqualTo(goldens.get(i).text());
        assertThat(result.tokens()).as(goldens.get(i).id()).isEqualTo(goldens.get(i).tokens());
      }
    }
  }
}
