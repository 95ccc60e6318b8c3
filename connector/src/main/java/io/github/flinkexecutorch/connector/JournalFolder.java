package io.github.flinkexecutorch.connector;

import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The folder where processes keep their crash journals; several processes, and machines too, may
 * share it. A process holds a lock on each of its journals, which the system takes back when the
 * process ends, however it ends: so a journal without a lock is one that a process left behind.
 *
 * <p>A process never opens its own journals here, because closing them would give back its locks.
 */
final class JournalFolder {
  private static final String JOURNAL = ".journal";
  private static final String UNFINISHED = ".new";
  private static final Duration KEPT = Duration.ofDays(7);

  /**
   * Held while a lock is tried, because meanwhile no other thread of this process could tell
   * whether the file has one. The same object for all class loaders.
   */
  private static final Object LOOKING =
      "flink-executorch: looking whether a journal is left".intern();

  private final Path path;
  private final String process; // how the names of its files begin

  private JournalFolder(Path path, String process) {
    this.path = path;
    this.process = process;
  }

  /**
   * @throws IllegalArgumentException if it is no folder that this process can write to
   */
  static JournalFolder of(Path path) {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(path);
      }
    } catch (IOException e) {
      throw unusable(path, e.toString(), e);
    }
    if (!Files.isWritable(path)) {
      throw unusable(path, "it is not writable for this user", null);
    }
    RuntimeMXBean process = ManagementFactory.getRuntimeMXBean();
    String name = process.getName() + "-" + process.getStartTime();
    return new JournalFolder(path, name.replaceAll("[^A-Za-z0-9.@_-]", "_") + "-");
  }

  private static IllegalArgumentException unusable(Path path, String why, Throwable cause) {
    return new IllegalArgumentException(
        "Crash journals cannot be kept in %s: %s. Set %s to a folder that each TaskManager may write to, or leave it out."
            .formatted(path, why, ExecuTorchOptions.CRASH_JOURNAL_FOLDER.key()),
        cause);
  }

  /**
   * Makes a journal and locks it.
   *
   * @throws IOException naming the folder, for instance because its disk is full
   */
  Journal create(byte[] content) throws IOException {
    String name = process + UUID.randomUUID();
    Path unfinished = path.resolve(name + UNFINISHED); // until it is locked
    Path file = path.resolve(name + JOURNAL);
    RandomAccessFile open = null;
    try {
      open = new RandomAccessFile(unfinished.toFile(), "rw");
      if (open.getChannel().tryLock() == null) {
        throw new IOException("its file system gives no locks");
      }
      open.write(content);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      return new Journal(file, open);
    } catch (IOException e) {
      if (open != null) {
        open.close();
      }
      Files.deleteIfExists(unfinished);
      throw new IOException(
          "No crash journal can be written in %s (%s); see %s."
              .formatted(path, e, ExecuTorchOptions.CRASH_JOURNAL_FOLDER.key()),
          e);
    }
  }

  /**
   * A journal of this process.
   *
   * @param open locked until it is closed; written to by others than channels, which an interrupt
   *     would close
   */
  record Journal(Path file, RandomAccessFile open) {}

  /** Journals that processes have left behind; those that are too old are deleted. */
  List<Path> left() throws IOException {
    List<Path> left = new ArrayList<>();
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(process) || !(name.endsWith(JOURNAL) || name.endsWith(UNFINISHED))) {
          continue;
        }
        if (isOld(file) && isLeft(file)) {
          Files.deleteIfExists(file);
        } else if (name.endsWith(JOURNAL) && isLeft(file)) {
          left.add(file);
        }
      }
    }
    return left;
  }

  private static boolean isOld(Path file) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(KEPT));
    } catch (NoSuchFileException e) {
      return false; // its process has ended in order
    }
  }

  /** A shared lock, so that several processes may look at the same time. */
  private static boolean isLeft(Path file) throws IOException {
    synchronized (LOOKING) {
      try (FileChannel journal = FileChannel.open(file, READ)) {
        return journal.tryLock(0, Long.MAX_VALUE, true) != null;
      } catch (NoSuchFileException e) {
        return false;
      }
    }
  }
}
