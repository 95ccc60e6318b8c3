package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class EngineOpeningTest {
  private final FakeEngine engine = FakeEngine.answering();
  private final CompletableFuture<InferenceEngine> loading = new CompletableFuture<>();

  @Test
  void shouldCloseTheEngineItOpened() throws Exception {
    try (EngineOpening opening = new EngineOpening(name -> loading, "7", null)) {
      loading.complete(engine);
      assertThat(opening.await()).isSameAs(engine);
      assertThat(engine.isClosed()).isFalse();
    }
    assertThat(engine.isClosed()).isTrue();
  }

  @Test
  void shouldTellWhyThereIsNoEngine() {
    try (EngineOpening opening = new EngineOpening(name -> loading, "7", null)) {
      loading.completeExceptionally(new InvalidModelException("no such file"));
      assertThatThrownBy(opening::await)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InvalidModelException.class);
    }
  }

  @Test
  void shouldBeInterruptibleAndCloseTheEngineThatComesLater() {
    EngineOpening opening = new EngineOpening(name -> loading, "7", null);

    Thread.currentThread().interrupt();
    assertThatThrownBy(opening::await).isInstanceOf(InterruptedException.class);
    opening.close(); // returns, although nothing is open yet
    assertThat(engine.isClosed()).isFalse();
    loading.complete(engine);

    assertThat(engine.isClosed()).isTrue();
  }
}
