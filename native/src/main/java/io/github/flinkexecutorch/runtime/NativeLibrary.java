package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Loads the natives, once for each class loader that holds this package.
 *
 * <p>The ExecuTorch libraries register their kernels in one registry per process, and a second copy
 * of them aborts the process. So all class loaders share one extracted copy, which the small JNI
 * glue pulls in through the dynamic linker; only the glue is copied for each class loader, because
 * the JVM binds a library file to one class loader. Libraries mapped from anywhere else are found
 * before anything is loaded, and refused.
 */
final class NativeLibrary {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final String RUNTIME = "libexecutorch.";

  private static volatile boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads the natives for this class loader if they are not; a failed attempt may be repeated.
   *
   * @throws ExecuTorchException saying why they cannot be loaded, and what to change
   */
  static void require() {
    if (loaded) {
      return;
    }
    // The lock must be one for all class loaders of the process.
    synchronized (Runtime.getRuntime()) {
      if (!loaded) {
        load(System.getProperty("os.name"), System.getProperty("os.arch"));
        loaded = true;
      }
    }
  }

  private static void load(String osName, String osArch) {
    SupportedPlatform platform = SupportedPlatform.of(osName, osArch);
    try {
      Path folder = NativeFolder.configured().extract(NativeFiles.of(platform.name()));
      refuseSecondCopy(folder);
      loadGlue(folder.resolve("libjniNativeBridge." + platform.librarySuffix()));
    } catch (IOException e) {
      throw failure(ErrorCode.ACCESS_FAILED, e.getMessage(), e);
    }
  }

  private static void refuseSecondCopy(Path folder) throws IOException {
    Optional<Path> mapped = mappedRuntime();
    if (mapped.isPresent() && !mapped.get().getParent().equals(folder)) {
      throw new ExecuTorchException(
          ErrorCode.ALREADY_LOADED,
          "This process has loaded ExecuTorch from "
              + mapped.get()
              + ", which is another build than "
              + folder
              + ", and two in one process would abort it. Keep one: put the executorch-runtime jars"
              + " into Flink's lib/ folder, remove them from the job jars, and set"
              + " classloader.parent-first-patterns.additional:"
              + " io.github.flinkexecutorch.;org.bytedeco.;ai.djl. Then restart the process.");
    }
  }

  /** The runtime library that this process has mapped, whoever did it. */
  private static Optional<Path> mappedRuntime() throws IOException {
    if (!Files.isReadable(MAPS)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(MAPS)) {
      return lines
          .filter(line -> line.indexOf('/') >= 0)
          .map(line -> line.substring(line.indexOf('/')).replace(" (deleted)", ""))
          .map(Path::of)
          .filter(path -> path.getFileName().toString().startsWith(RUNTIME))
          .findFirst();
    }
  }

  private static void loadGlue(Path glue) throws IOException {
    Path copy = Files.createTempFile(glue.getParent(), "jni-", ".tmp");
    try {
      Files.copy(glue, copy, StandardCopyOption.REPLACE_EXISTING);
      JavaCppSettings.during(() -> System.load(copy.toString()));
    } catch (UnsatisfiedLinkError e) {
      throw failure(
          ErrorCode.NOT_SUPPORTED,
          "Cannot load the ExecuTorch natives from "
              + glue.getParent()
              + ": "
              + e.getMessage()
              + ". They need glibc 2.28 or newer and a folder that is not mounted noexec (-D"
              + NativeFolder.PROPERTY
              + "=... names another).",
          e);
    } finally {
      Files.deleteIfExists(copy); // it stays mapped
    }
  }

  private static ExecuTorchException failure(ErrorCode code, String message, Throwable cause) {
    ExecuTorchException failure = new ExecuTorchException(code, message);
    failure.initCause(cause);
    return failure;
  }
}
