package io.github.flinkexecutorch.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** The checkpoints that a job has left in a folder. */
public final class Checkpoints {
  private static final String PREFIX = "chk-";

  private Checkpoints() {}

  /**
   * The newest complete one, as a URI; empty if there is none. A job that was restored goes on with
   * the numbers of the one before.
   */
  public static Optional<String> latest(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.endsWith("_metadata"))
          .map(Path::getParent)
          .filter(checkpoint -> checkpoint.getFileName().toString().startsWith(PREFIX))
          .max(Comparator.comparingLong(Checkpoints::number))
          .map(checkpoint -> checkpoint.toUri().toString());
    }
  }

  private static long number(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring(PREFIX.length()));
  }
}
