package io.github.flinkexecutorch.llm.hostile;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Works through the damaged files of one kind in child JVMs of 512 MiB: one that a file ends is
 * followed by another, which begins behind that file.
 */
final class HostileChild {
  private static final long MOST_NANOS_PER_FILE = TimeUnit.SECONDS.toNanos(30);

  private final FileKind kind;
  private final Path folder;
  private final Map<Integer, String> outcomes = new HashMap<>();
  private int current;
  private String lastWords = "";
  private volatile long progress;
  private volatile boolean hangs;

  private HostileChild(FileKind kind, Path folder) {
    this.kind = kind;
    this.folder = folder;
  }

  /**
   * What became of each file by its place in the list: {@code works}, {@code refused}, {@code
   * request-refused}, {@code failed}, {@code died} or {@code hung}, and what it said.
   */
  static Map<Integer, String> run(FileKind kind, int files, Path folder) throws Exception {
    HostileChild child = new HostileChild(kind, folder);
    for (int next = 0; next < files; next = child.current + 1) {
      child.current = next;
      int exitCode = child.runFrom(next);
      if (exitCode != 0 || !child.outcomes.containsKey(child.current)) {
        child.outcomes.put(
            child.current, child.hangs ? "hung" : "died with " + exitCode + ": " + child.lastWords);
      }
    }
    return child.outcomes;
  }

  private int runFrom(int first) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-XX:TieredStopAtLevel=1",
                "-Dhostile.seeds=" + kind.seeds(),
                "-cp",
                System.getProperty("java.class.path"),
                HostileFiles.class.getName(),
                kind.name(),
                String.valueOf(first),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    progress = System.nanoTime();
    hangs = false;
    Thread watch = new Thread(() -> watch(process), "hostile-" + kind);
    watch.setDaemon(true);
    watch.start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        read(line);
      }
    }
    int exitCode = process.waitFor();
    watch.join();
    return exitCode;
  }

  private void read(String line) {
    progress = System.nanoTime();
    List<String> words = List.of(line.split(" ", 3));
    if (line.startsWith("begin ")) {
      current = Integer.parseInt(words.get(1));
      lastWords = "";
    } else if (line.startsWith("end ")) {
      outcomes.put(Integer.parseInt(words.get(1)), words.get(2));
    } else if (lastWords.length() < 2000) {
      lastWords += line + " ";
    }
  }

  private void watch(Process process) {
    try {
      while (!process.waitFor(1, TimeUnit.SECONDS)) {
        if (System.nanoTime() - progress > MOST_NANOS_PER_FILE) {
          hangs = true;
          process.destroyForcibly();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
