package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.Internal;
import io.github.flinkexecutorch.runtime.PrivateFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The private copies of models on a disk ({@link ModelSpec#cacheDirectory}): one folder for each
 * content, named by its SHA-256, whose time is that of its last opening.
 */
@Internal
public final class ModelCopies {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCopies.class);
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private ModelCopies() {}

  /**
   * Deletes what nobody has opened for so long. A process that still uses such a copy keeps it: its
   * files stay until they are closed. What cannot be deleted is logged and stays.
   */
  public static void deleteUnused(Path directory, Duration retention) {
    Instant limit = Instant.now().minus(retention);
    try {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        return; // there are none
      }
      PrivateFolder.require(directory, "or name another for the copies of models.");
      for (Path copy : list(directory)) {
        if (DIGEST.matcher(copy.getFileName().toString()).matches()
            && Files.isDirectory(copy, LinkOption.NOFOLLOW_LINKS)
            && Files.getLastModifiedTime(copy).toInstant().isBefore(limit)) {
          delete(copy);
          LOG.info("Deleted {}, which no job has opened for {}", copy, retention);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("Copies of models that are no longer used stay in {}: {}", directory, e.toString());
    }
  }

  private static void delete(Path copy) throws IOException {
    for (Path file : list(copy)) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(copy); // another slot may do the same
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
