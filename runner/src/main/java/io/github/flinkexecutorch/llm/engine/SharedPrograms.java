package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.Internal;
import io.github.flinkexecutorch.runtime.LoadMode;
import io.github.flinkexecutorch.runtime.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The programs that this process (more exactly, this class loader) has open, each once however many
 * pools run it. The first lease opens a program, the last one closes it.
 *
 * <p>While a program is open, further leases get it as it is, even if its file was replaced.
 */
@Internal
public final class SharedPrograms {
  private static final Map<Key, Entry> ENTRIES = new HashMap<>();

  private SharedPrograms() {}

  /** The model files that are leased at the moment. */
  public static Set<Path> open() {
    synchronized (ENTRIES) {
      Set<Path> models = new TreeSet<>();
      ENTRIES.keySet().forEach(key -> models.add(key.model));
      return models;
    }
  }

  /**
   * Leases a program, opening it where needed; waits where another thread is opening it.
   *
   * @throws io.github.flinkexecutorch.llm.InvalidModelException if a file is missing or unreadable
   * @throws io.github.flinkexecutorch.runtime.ExecuTorchException if the runtime refuses a file
   */
  static Lease acquire(ModelSpec spec) {
    Key key = Key.of(spec);
    Entry entry;
    boolean first;
    synchronized (ENTRIES) {
      entry = ENTRIES.computeIfAbsent(key, absent -> new Entry());
      first = entry.users++ == 0;
    }
    if (first) {
      entry.openFor(spec);
    }
    try {
      return new Lease(key, entry, entry.opened.join());
    } catch (CompletionException e) {
      release(key, entry);
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static void release(Key key, Entry entry) {
    synchronized (ENTRIES) {
      if (--entry.users > 0) {
        return;
      }
      ENTRIES.remove(key);
    }
    entry.close();
  }

  /** A share in an open program, given back by closing it, once. */
  static final class Lease implements AutoCloseable {
    private final Key key;
    private final Entry entry;
    private final Opened opened;

    private Lease(Key key, Entry entry, Opened opened) {
      this.key = key;
      this.entry = entry;
      this.opened = opened;
    }

    Program program() {
      return opened.program;
    }

    /** As in {@link ModelFiles#digest()}. */
    String digest() {
      return opened.digest;
    }

    @Override
    public void close() {
      release(key, entry);
    }
  }

  private record Opened(Program program, String digest) {}

  private record Key(Path model, List<Path> dataFiles, LoadMode loadMode, Path cacheDirectory) {
    static Key of(ModelSpec spec) {
      return new Key(
          canonical(spec.model()),
          spec.dataFiles().stream().map(Key::canonical).toList(),
          spec.loadMode(),
          spec.cacheDirectory());
    }

    /** A file that does not exist has only one name; opening it says so. */
    private static Path canonical(Path file) {
      try {
        return file.toRealPath();
      } catch (IOException e) {
        return file.toAbsolutePath().normalize();
      }
    }
  }

  private static final class Entry {
    private final CompletableFuture<Opened> opened = new CompletableFuture<>();
    private int users;

    void openFor(ModelSpec spec) {
      try {
        ModelFiles files = ModelFiles.prepare(spec);
        opened.complete(
            new Opened(
                Program.open(files.model(), files.dataFiles(), spec.loadMode()), files.digest()));
      } catch (RuntimeException | Error e) {
        opened.completeExceptionally(e);
      }
    }

    void close() {
      if (!opened.isCompletedExceptionally()) {
        opened.join().program.close();
      }
    }
  }
}
