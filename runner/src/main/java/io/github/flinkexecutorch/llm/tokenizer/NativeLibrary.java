package io.github.flinkexecutorch.llm.tokenizer;

import ai.djl.sentencepiece.SpProcessor;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Loads the native parts of the tokenizer libraries so that several class loaders of one process
 * can have them.
 *
 * <p>By itself each library extracts to one fixed path, which the JVM lets only one class loader
 * load. Each class loader gets a copy of its own here, deleted as soon as it is mapped. A library
 * is told its place by a system property: properties are the whole process's, so the lock is too.
 */
enum NativeLibrary {
  /** Told the path of a file that is there. */
  TOKENIZERS("tokenizers", "/cpu/", "ai.djl.huggingface:tokenizers") {
    @Override
    void load(Path folder, String resource) throws IOException {
      Path copy = folder.resolve(System.mapLibraryName("tokenizers"));
      try (InputStream content = open(resource)) {
        Files.copy(content, copy);
      }
      withProperty(
          "RUST_LIBRARY_PATH",
          copy.toString(),
          () -> {
            ai.djl.huggingface.tokenizers.jni.LibUtils.checkStatus();
            return null;
          });
    }
  },

  /** Extracts itself into the folder that it is told. */
  SENTENCEPIECE("sentencepiece_native", "/", "ai.djl.sentencepiece:sentencepiece") {
    @Override
    void load(Path folder, String resource) {
      withProperty("ENGINE_CACHE_DIR", folder.toString(), () -> initialized(SpProcessor.class));
    }
  };

  private static final String OFFLINE = "ai.djl.offline";
  private static final Set<NativeLibrary> LOADED = EnumSet.noneOf(NativeLibrary.class);

  private final String name;
  private final String variant;
  private final String artifact;

  NativeLibrary(String name, String variant, String artifact) {
    this.name = name;
    this.variant = variant;
    this.artifact = artifact;
  }

  /** Loads the library from an empty folder, where {@code resource} is on the class path. */
  abstract void load(Path folder, String resource) throws IOException;

  /** Calls into the library, loaded and kept from reaching for the network. */
  <T> T call(Supplier<T> body) {
    synchronized (Runtime.getRuntime()) { // the same object for every class loader
      return withProperty(
          OFFLINE,
          "true",
          () -> {
            loadOnce();
            return body.get();
          });
    }
  }

  private void loadOnce() {
    if (LOADED.contains(this)) {
      return;
    }
    String resource = "native/lib/" + platform() + variant + System.mapLibraryName(name);
    try {
      if (NativeLibrary.class.getClassLoader().getResource(resource) == null) {
        throw new InvalidModelException(
            "The tokenizer library has no native part for this platform: "
                + resource
                + " is not on the class path. Add "
                + artifact
                + ", which has it for Linux on x86-64 and aarch64 and for macOS on aarch64");
      }
      Path folder = Files.createTempDirectory("flink-executorch-tokenizers");
      try {
        load(folder, resource);
        LOADED.add(this);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new InvalidModelException(
          "The tokenizer library's native part cannot be extracted to "
              + System.getProperty("java.io.tmpdir")
              + ": "
              + e,
          e);
    }
  }

  private static InputStream open(String resource) {
    return NativeLibrary.class.getClassLoader().getResourceAsStream(resource);
  }

  private static Class<?> initialized(Class<?> type) {
    try {
      return Class.forName(type.getName(), true, type.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
  }

  /** As the libraries name their folders. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String architecture = System.getProperty("os.arch");
    return (os.startsWith("mac") ? "osx" : os)
        + "-"
        + (architecture.equals("amd64") ? "x86_64" : architecture);
  }

  private static <T> T withProperty(String name, String value, Supplier<T> body) {
    String before = System.getProperty(name);
    System.setProperty(name, value);
    try {
      return body.get();
    } finally {
      if (before == null) {
        System.clearProperty(name);
      } else {
        System.setProperty(name, before);
      }
    }
  }
}
