package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class JournalFolderTest {
  private static final int SUBTASKS = 4;
  private static final int LOOKS = 2000;

  @TempDir private Path folder;

  @Test
  @Timeout(120)
  void shouldLeaveTheJournalsOfLivingProcessesAloneHoweverManyTasksLookAtThem() throws Exception {
    try (GuardedProcess living = GuardedProcess.start(folder, "a", "b")) {
      Stream.generate(() -> CompletableFuture.supplyAsync(this::taken))
          .limit(SUBTASKS)
          .toList()
          .forEach(taken -> assertThat(taken.join()).isZero());
      living.kill();
    }

    assertThat(taken()).as("it has ended").isEqualTo(LOOKS);
  }

  /** How often a journal seemed to be left behind. */
  private long taken() {
    return IntStream.range(0, LOOKS).filter(i -> isAnyLeft()).count();
  }

  private boolean isAnyLeft() {
    try {
      return !JournalFolder.of(folder).left().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
