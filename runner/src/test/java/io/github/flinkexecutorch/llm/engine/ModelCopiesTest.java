package io.github.flinkexecutorch.llm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCopiesTest {
  private static final Duration RETENTION = Duration.ofDays(30);
  private static final Duration LONGER = Duration.ofDays(31);
  private static final String DIGEST = "0a".repeat(32);

  @TempDir private Path folder;

  @Test
  void shouldDeleteACopyThatNobodyHasOpenedForLong() throws IOException {
    Path old = copy(DIGEST, LONGER);
    Path used = copy("0b".repeat(32), Duration.ZERO);

    ModelCopies.deleteUnused(folder, RETENTION);

    assertThat(old).doesNotExist();
    assertThat(used.resolve("model.pte")).exists();
  }

  @Test
  void shouldLeaveAloneWhatIsNoCopy() throws IOException {
    Path other = copy("somebodys-files", LONGER);
    Path target = copy("target", LONGER);
    Path link = Files.createSymbolicLink(folder.resolve("0c".repeat(32)), target);

    ModelCopies.deleteUnused(folder, RETENTION);

    assertThat(other.resolve("model.pte")).exists();
    assertThat(link.resolve("model.pte")).exists();
  }

  @Test
  void shouldGoOnWhereACopyCannotBeDeleted() throws IOException {
    Path copy = copy(DIGEST, LONGER);
    Path inside = Files.createDirectory(copy.resolve("folder"));
    Files.createFile(inside.resolve("file"));
    Files.setLastModifiedTime(copy, ago(LONGER));

    ModelCopies.deleteUnused(folder, RETENTION);
    ModelCopies.deleteUnused(folder.resolve("missing"), RETENTION);

    assertThat(inside).exists();
  }

  private Path copy(String name, Duration age) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(name));
    Files.createFile(copy.resolve("model.pte"));
    return Files.setLastModifiedTime(copy, ago(age));
  }

  private static FileTime ago(Duration age) {
    return FileTime.from(Instant.now().minus(age));
  }
}
