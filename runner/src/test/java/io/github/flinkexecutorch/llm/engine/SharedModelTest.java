package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.GenerationConfig;
import io.github.flinkexecutorch.llm.GenerationResult;
import io.github.flinkexecutorch.llm.Goldens;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchRuntime;
import io.github.flinkexecutorch.runtime.WorkspaceSharing;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pools on the real runtime. */
@Tag("native")
class SharedModelTest {
  private static final ModelSpec SPEC =
      ModelSpec.of(Goldens.TICKETS.resolve("model.pte"), Goldens.TICKETS);

  @AfterEach
  void everythingReleased() throws InterruptedException {
    Engines.assertAllClosed();
  }

  @Test
  void shouldGenerateTheSameTokensInEveryRunnerOfEveryPool() throws Exception {
    List<Goldens> goldens = Goldens.of(Goldens.TICKETS).subList(0, 12);
    try (RunnerPool one = RunnerPool.open(SPEC, 2, "one")) {
      try (RunnerPool other = RunnerPool.open(SPEC, 1, "other")) {
        assertThat(SharedPrograms.open()).containsExactly(SPEC.model().toRealPath());

        List<CompletableFuture<GenerationResult>> results = new ArrayList<>();
        for (Goldens golden : goldens) {
          results.add(one.submit(request(golden, GenerationConfig.greedy())));
          results.add(other.submit(request(golden, GenerationConfig.greedy())));
        }

        for (int i = 0; i < results.size(); i++) {
          assertThat(results.get(i).get().tokens()).isEqualTo(goldens.get(i / 2).tokens());
        }
      }
      assertThat(SharedPrograms.open()).hasSize(1);
    }
  }

  @Test
  void shouldGenerateTheSameTokensWhenPackedWeightsAreShared() throws Exception {
    var shared = new XnnpackOptions(WorkspaceSharing.GLOBAL, true, Optional.empty());
    Goldens golden = Goldens.of(Goldens.TICKETS).get(0);
    try (RunnerPool pool = RunnerPool.open(SPEC.withXnnpack(shared), 2, "sharing")) {
      var one = pool.submit(request(golden, GenerationConfig.greedy()));
      var other = pool.submit(request(golden, GenerationConfig.greedy()));

      assertThat(one.get().tokens()).isEqualTo(golden.tokens());
      assertThat(other.get().tokens()).isEqualTo(golden.tokens());
    }
  }

  @Test
  void shouldComputeTheSameOnThePool() throws Exception {
    Goldens golden = Goldens.of(Goldens.TICKETS).get(1);
    try (RunnerPool pool = RunnerPool.open(SPEC.withPool(0), 1, "pooled")) {
      assertThat(pool.submit(request(golden, GenerationConfig.greedy())).get().tokens())
          .isEqualTo(golden.tokens());
    }
    ModelSpec another = SPEC.withPool(ExecuTorchRuntime.poolThreads() + 1);
    assertThatThrownBy(() -> RunnerPool.open(another, 1, "resizing"))
        .isInstanceOf(ExecuTorchException.class)
        .hasMessageContaining("Cannot give the pool " + another.poolThreads() + " threads");
  }

  @Test
  void shouldSampleTheSameTextForTheSameSeedInEveryPool() throws Exception {
    Goldens golden = Goldens.of(Goldens.OPTIMUM_LLAMA).get(0);
    var spec = ModelSpec.of(Goldens.OPTIMUM_LLAMA.resolve("model.pte"), Goldens.OPTIMUM_LLAMA);
    var config = GenerationConfig.builder().temperature(0.8f).seed(11).maxNewTokens(20).build();
    try (RunnerPool one = RunnerPool.open(spec, 1, "one");
        RunnerPool other = RunnerPool.open(spec, 1, "other")) {
      String text = one.submit(request(golden, config)).get().text();
      String next = one.submit(request(golden, config.toBuilder().seed(12).build())).get().text();

      assertThat(one.submit(request(golden, config)).get().text()).isEqualTo(text);
      assertThat(other.submit(request(golden, config)).get().text()).isEqualTo(text);
      assertThat(next).isNotEqualTo(text);
    }
  }

  @Test
  @Timeout(120)
  void shouldCloseInTimeWhileGenerating() throws Exception {
    RunnerPool pool = RunnerPool.open(SPEC, 2, "closing");
    Goldens golden = Goldens.of(Goldens.TICKETS).get(0);
    var endless = GenerationConfig.greedy().toBuilder().ignoreEos(true).build();
    var generating = new CountDownLatch(2);
    var closing = new CompletableFuture<Void>();
    GenerationRequest request =
        request(golden, endless)
            .withListener(
                piece -> {
                  generating.countDown();
                  closing.join(); // nothing ends before
                });
    List<CompletableFuture<GenerationResult>> results = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      results.add(pool.submit(request));
    }
    var unused =
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
            .whenComplete((done, failure) -> closing.complete(null));
    generating.await();

    long start = System.nanoTime();
    pool.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
    assertThat(results).allMatch(CompletableFuture::isDone);
    assertThatThrownBy(results.get(99)::join).isInstanceOf(CancellationException.class);
  }

  private static GenerationRequest request(Goldens golden, GenerationConfig config) {
    return new GenerationRequest(golden.id(), golden.prompt(), config, null);
  }
}
