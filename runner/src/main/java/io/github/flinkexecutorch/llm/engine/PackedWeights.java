package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which XNNPACK's packed weights stay from one start to the next.
 *
 * <p>It lies beside the model's copy under the model's digest, and is named by the CPU's features,
 * on which the packing depends, and by a checksum of its own: XNNPACK takes what it finds in such a
 * file as it is. A process that finds none writes one under a name of its own and then moves it to
 * its place, so nobody ever sees half a file; from then on it is only read.
 */
final class PackedWeights {
  private static final Logger LOG = LoggerFactory.getLogger(PackedWeights.class);
  private static final int MOST_PATH_BYTES = 255; // what the runtime's option can hold
  private static final String PARTIAL = "packing-";
  private static final Duration MOST_PARTIAL_AGE = Duration.ofDays(1);
  private static final int BUFFER_BYTES = 1 << 20;

  /** The runtime maps the file that it writes: a disk that gets full under it ends the process. */
  private static final int SPACE_FACTOR = 2;

  private final XnnpackOptions options;
  private final String name; // up to the checksum
  private final Path partial; // null: nothing is to be kept, or it is there already

  private PackedWeights(XnnpackOptions options, String name, Path partial) {
    this.options = options;
    this.name = name;
    this.partial = partial;
  }

  /**
   * Where the packed weights of this model are or will be, if the options ask for it.
   *
   * @param digest of the model's files
   */
  static PackedWeights of(ModelSpec spec, EngineOptions options, String digest) {
    if (!options.packedWeightCache() || spec.cacheDirectory() == null) {
      return new PackedWeights(spec.xnnpack(), "", null);
    }
    try {
      Path folder = ModelFiles.cacheFolder(spec.cacheDirectory(), digest);
      String name = "packed-" + cpu() + "-";
      Path file = intact(folder, name);
      Path used =
          file != null
              ? file
              : folder.resolve(PARTIAL + ProcessHandle.current().pid() + "-" + System.nanoTime());
      if (file == null && folder.toFile().getUsableSpace() < SPACE_FACTOR * bytes(spec)) {
        LOG.warn("The weights are packed anew at each start: the disk of {} is too full", folder);
        return new PackedWeights(spec.xnnpack(), "", null);
      }
      if (used.toString().getBytes(StandardCharsets.UTF_8).length > MOST_PATH_BYTES) {
        LOG.warn("The weights are packed anew at each start: the path of {} is too long", folder);
        return new PackedWeights(spec.xnnpack(), "", null);
      }
      XnnpackOptions keeping =
          new XnnpackOptions(spec.xnnpack().workspaceSharing(), true, Optional.of(used));
      return new PackedWeights(keeping, name, file == null ? used : null);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("The weights are packed anew at each start: {}", e.toString());
      return new PackedWeights(spec.xnnpack(), "", null);
    }
  }

  /** What to open the model with. */
  XnnpackOptions options() {
    return options;
  }

  /** The model is loaded: what was packed is kept for the next start. */
  void loaded() {
    if (partial == null || !Files.isRegularFile(partial)) {
      return;
    }
    try {
      Path file = partial.resolveSibling(name + checksum(partial));
      Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("r--------"));
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("The weights are packed anew at the next start: {}", e.toString());
    }
  }

  /** The file of this name whose content is what its checksum says; deletes others. */
  private static Path intact(Path folder, String name) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    Path intact = null;
    for (Path file : files) {
      String found = file.getFileName().toString();
      if (found.startsWith(name) && intact == null) {
        if (found.equals(name + checksum(file))) {
          intact = file;
        } else {
          LOG.warn("Packed weights {} are damaged; they are packed anew", file);
          Files.delete(file);
        }
      } else if (found.startsWith(PARTIAL) && isOld(file)) {
        Files.deleteIfExists(file); // its process did not come to the end of its loading
      }
    }
    return intact;
  }

  private static long bytes(ModelSpec spec) throws IOException {
    long bytes = Files.size(spec.model());
    for (Path data : spec.dataFiles()) {
      bytes += Files.size(data);
    }
    return bytes;
  }

  private static boolean isOld(Path file) throws IOException {
    return Files.getLastModifiedTime(file)
        .toInstant()
        .isBefore(Instant.now().minus(MOST_PARTIAL_AGE));
  }

  private static String checksum(Path file) throws IOException {
    CRC32C checksum = new CRC32C();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream content = Files.newInputStream(file)) {
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        checksum.update(buffer, 0, read);
      }
    }
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }

  /** Tells CPUs apart that XNNPACK may pack differently for. */
  private static String cpu() throws IOException {
    CRC32 features = new CRC32();
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      lines
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .findFirst()
          .ifPresent(line -> features.update(line.getBytes(StandardCharsets.UTF_8)));
    }
    return HexFormat.of().toHexDigits((int) features.getValue());
  }
}
