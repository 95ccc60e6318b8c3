package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Where the native libraries lie on disk: a folder named by their content, complete from the moment
 * it exists, because it is written under another name and moved. Any number of processes may
 * extract at once.
 */
final class NativeFolder {
  /** System property and environment variable that name another cache folder. */
  static final String PROPERTY = "executorch.native.cache-dir";

  static final String VARIABLE = "EXECUTORCH_NATIVE_CACHE_DIR";

  private static final String REMEDY =
      "or name another for the native libraries with -D" + PROPERTY + "=... or " + VARIABLE + ".";

  private final Path root;

  NativeFolder(Path root) {
    this.root = root;
  }

  /** Below the configured folder, or below the temporary folder in one per user. */
  static NativeFolder configured() {
    String configured = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    return configured != null
        ? new NativeFolder(Path.of(configured, "flink-executorch"))
        : new NativeFolder(
            Path.of(
                System.getProperty("java.io.tmpdir"),
                "flink-executorch-" + System.getProperty("user.name")));
  }

  /**
   * The folder with exactly these libraries, extracted if it is not there or was changed.
   *
   * @throws IOException naming the folder and what to change if it cannot be written or is not ours
   */
  Path extract(NativeFiles natives) throws IOException {
    try {
      PrivateFolder.create(root, REMEDY);
      Path folder = root.toRealPath().resolve(natives.contentHash());
      if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        PrivateFolder.require(folder, REMEDY);
        if (isIntact(folder, natives)) {
          return folder;
        }
        moveAway(folder);
      }
      Path fresh = Files.createTempDirectory(root, "new-");
      try {
        write(natives, fresh);
        moveInto(fresh, folder, natives);
      } finally {
        deleteTree(fresh);
      }
      return folder;
    } catch (FileSystemException e) {
      throw new IOException(
          "Cannot extract the ExecuTorch natives to "
              + root
              + " ("
              + e
              + "). Name a writable folder of this user with -D"
              + PROPERTY
              + "=... or "
              + VARIABLE
              + ".",
          e);
    }
  }

  private static void write(NativeFiles natives, Path folder) throws IOException {
    for (NativeFiles.Entry file : natives.files()) {
      write(folder.resolve(file.name()), natives.read(file));
    }
    write(folder.resolve(NativeFiles.INDEX), natives.index().getBytes(StandardCharsets.UTF_8));
  }

  private static void write(Path file, byte[] content) throws FileSystemException {
    try {
      Files.write(file, content);
    } catch (IOException e) { // a full disk does not say which
      FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
      named.initCause(e);
      throw named;
    }
  }

  private static boolean isIntact(Path folder, NativeFiles natives) throws IOException {
    for (NativeFiles.Entry file : natives.files()) {
      Path path = folder.resolve(file.name());
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
          || Files.size(path) != file.bytes()
          || !Sha256.hex(Files.readAllBytes(path)).equals(file.sha256())) {
        return false;
      }
    }
    return true;
  }

  // A process may have mapped what is in a damaged folder, so it is renamed before it is deleted.
  private void moveAway(Path folder) throws IOException {
    Path old = Files.createTempDirectory(root, "old-");
    try {
      Files.move(folder, old.resolve("damaged"));
    } catch (FileSystemException e) {
      if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      } // another process was faster
    } finally {
      deleteTree(old);
    }
  }

  private static void moveInto(Path fresh, Path folder, NativeFiles natives) throws IOException {
    try {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // A non-empty folder is not replaced: another process was faster, if its files are right.
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !isIntact(folder, natives)) {
        throw e;
      }
      PrivateFolder.require(folder, REMEDY);
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
