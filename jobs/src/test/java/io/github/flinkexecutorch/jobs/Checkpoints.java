package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The checkpoints that a job has left in a folder. Those that are over Flink removes when it likes,
 * also after the end of the job.
 */
public final class Checkpoints {
  private static final String PREFIX = "chk-";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private Checkpoints() {}

  /**
   * The newest complete one, as a URI; empty if there is none. A job that was restored goes on with
   * the numbers of the one before.
   */
  public static Optional<String> latest(Path folder) throws IOException {
    return files(folder).stream()
        .filter(file -> file.endsWith("_metadata"))
        .map(Path::getParent)
        .filter(checkpoint -> checkpoint.getFileName().toString().startsWith(PREFIX))
        .max(Comparator.comparingLong(Checkpoints::number))
        .map(checkpoint -> checkpoint.toUri().toString());
  }

  /** Requires that none stays. */
  public static void requireNone(Path folder) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(files(folder)).isEmpty());
  }

  /** All files below a folder, if there is one, but for those that vanish meanwhile. */
  private static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.add(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private static long number(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring(PREFIX.length()));
  }
}
