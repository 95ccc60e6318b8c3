package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class EngineOpeningTest {

  @Test
  void shouldOpenOnAThreadOfItsOwn() throws Exception {
    FakeEngine engine = FakeEngine.answering();
    String[] thread = new String[1];
    EngineFactory factory =
        name -> {
          thread[0] = Thread.currentThread().getName();
          return engine.loaded();
        };

    try (EngineOpening opening = new EngineOpening(factory, "7")) {
      assertThat(opening.await().engine()).isSameAs(engine);
    }

    assertThat(thread[0]).isEqualTo("llm-load-7");
    assertThat(engine.isClosed()).isTrue();
  }

  @Test
  void shouldTellWhyOpeningFailed() {
    EngineFactory factory =
        name -> {
          throw new InvalidModelException("no such file");
        };
    try (EngineOpening opening = new EngineOpening(factory, "7")) {
      assertThatThrownBy(opening::await)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InvalidModelException.class);
    }
  }

  @Test
  void shouldPassOnLinkageErrors() {
    EngineFactory factory =
        name -> {
          throw new UnsatisfiedLinkError("no native library");
        };
    try (EngineOpening opening = new EngineOpening(factory, "7")) {
      assertThatThrownBy(opening::await).hasCauseInstanceOf(UnsatisfiedLinkError.class);
    }
  }

  @Test
  void shouldBeInterruptibleAndCloseTheEngineThatComesLater() throws Exception {
    FakeEngine engine = FakeEngine.answering();
    CountDownLatch slowDisk = new CountDownLatch(1);
    EngineFactory factory =
        name -> {
          slowDisk.await();
          return engine.loaded();
        };
    EngineOpening opening = new EngineOpening(factory, "7");

    Thread.currentThread().interrupt();
    assertThatThrownBy(opening::await).isInstanceOf(InterruptedException.class);
    opening.close(); // bounded, although nothing is open yet
    assertThat(engine.isClosed()).isFalse();
    slowDisk.countDown();

    await().untilAsserted(() -> assertThat(engine.isClosed()).isTrue());
  }
}
