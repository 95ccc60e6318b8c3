package io.github.flinkexecutorch.jobs.faults;

import io.github.flinkexecutorch.jobs.CppLibrary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The time of day of processes that have {@link #environment}, while they run. {@code
 * src/test/cpp/clock.cpp} says how.
 */
final class SettableClock {
  private final Path library;
  private final Path file;

  private SettableClock(Path library, Path file) {
    this.library = library;
    this.file = file;
  }

  /** A clock that is right until it is set. */
  static SettableClock in(Path folder) throws IOException, InterruptedException {
    Path library = CppLibrary.compile("clock", folder, List.of());
    Path file = Files.write(folder.resolve("clock"), new byte[Long.BYTES]);
    return new SettableClock(library, file);
  }

  Map<String, String> environment() {
    return Map.of("LD_PRELOAD", library.toString(), "CLOCK_FILE", file.toString());
  }

  /** Sets the clock ahead of the right time; back, where negative. */
  void set(Duration ahead) throws IOException {
    ByteBuffer seconds =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.nativeOrder())
            .putLong(0, ahead.toSeconds());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(seconds); // into the file that is mapped
    }
  }
}
