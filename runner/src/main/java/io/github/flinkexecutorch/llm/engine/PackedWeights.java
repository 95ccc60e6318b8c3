package io.github.flinkexecutorch.llm.engine;

import io.github.flinkexecutorch.runtime.PrivateFolder;
import io.github.flinkexecutorch.runtime.XnnpackOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which XNNPACK's packed weights stay from one start to the next.
 *
 * <p>It lies beside the model's copy under the model's digest, and is named by the CPU's features,
 * on which the packing depends. A process that finds none writes one under a name of its own and
 * then moves it to its place, so nobody ever sees half a file.
 */
final class PackedWeights {
  private static final Logger LOG = LoggerFactory.getLogger(PackedWeights.class);
  private static final int MOST_PATH_BYTES = 255; // what the runtime's option can hold

  private final XnnpackOptions options;
  private final Path file; // null: nothing is kept
  private final Path partial; // null: the file is there already

  private PackedWeights(XnnpackOptions options, Path file, Path partial) {
    this.options = options;
    this.file = file;
    this.partial = partial;
  }

  /**
   * Where the packed weights of this model are or will be, if the options ask for it.
   *
   * @param digest of the model's files
   */
  static PackedWeights of(ModelSpec spec, EngineOptions options, String digest) {
    if (!options.packedWeightCache() || spec.cacheDirectory() == null) {
      return new PackedWeights(spec.xnnpack(), null, null);
    }
    try {
      PrivateFolder.create(spec.cacheDirectory(), "or name another for the copies of models.");
      Path folder = Files.createDirectories(spec.cacheDirectory().toAbsolutePath().resolve(digest));
      Path file = folder.resolve("packed-" + cpu());
      Path used =
          Files.isRegularFile(file)
              ? file
              : folder.resolve(
                  "packing-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
      if (used.toString().getBytes(StandardCharsets.UTF_8).length > MOST_PATH_BYTES) {
        LOG.warn("The weights are packed anew at each start: the path of {} is too long", folder);
        return new PackedWeights(spec.xnnpack(), null, null);
      }
      XnnpackOptions keeping =
          new XnnpackOptions(spec.xnnpack().workspaceSharing(), true, Optional.of(used));
      return new PackedWeights(keeping, file, used.equals(file) ? null : used);
    } catch (IOException | RuntimeException e) {
      LOG.warn("The weights are packed anew at each start: {}", e.toString());
      return new PackedWeights(spec.xnnpack(), null, null);
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
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("The weights are packed anew at the next start: {}", e.toString());
    }
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
