package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class VersionReaderTest {
  @Test
  @Timeout(60)
  void shouldLeaveNoReadingBehindWhenInterrupted() throws Exception {
    HangingFile file = new HangingFile(Thread.currentThread(), new CountDownLatch(1));

    assertThatThrownBy(new VersionReader(file, "7")::await)
        .isInstanceOf(InterruptedException.class);

    file.interrupted.await();
  }

  /** Its version cannot be read; while somebody tries, the task is cancelled. */
  private record HangingFile(Thread task, CountDownLatch interrupted) implements EngineFactory {
    @Override
    public CompletableFuture<InferenceEngine> open(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String version() {
      task.interrupt();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.countDown();
        Thread.currentThread().interrupt();
      }
      return null;
    }
  }
}
