package io.github.flinkexecutorch.llm.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import io.github.flinkexecutorch.llm.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Loads the tokenizer library's native part so that several class loaders of one process can have
 * it.
 *
 * <p>By itself the library extracts to one fixed path, which the JVM lets only one class loader
 * load. Each class loader gets a copy of its own here, deleted as soon as it is mapped. The library
 * is told its place by a system property: properties are the whole process's, so the lock is too.
 */
final class TokenizerNatives {
  private static final String PLACE = "RUST_LIBRARY_PATH";
  private static final String OFFLINE = "ai.djl.offline";

  private static boolean loaded;

  private TokenizerNatives() {}

  /** Calls into the library, loaded and kept from reaching for the network. */
  static <T> T call(Supplier<T> body) {
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

  private static void loadOnce() {
    if (loaded) {
      return;
    }
    String library = System.mapLibraryName("tokenizers");
    String resource = "native/lib/" + platform() + "/cpu/" + library;
    try (InputStream content = LibUtils.class.getClassLoader().getResourceAsStream(resource)) {
      if (content == null) {
        throw new InvalidModelException(
            "The tokenizer library has no native part for this platform: "
                + resource
                + " is not on the class path. Add ai.djl.huggingface:tokenizers, which has it for "
                + "Linux on x86-64 and aarch64 and for macOS on aarch64");
      }
      Path folder = Files.createTempDirectory("flink-executorch-tokenizers");
      Path copy = folder.resolve(library);
      try {
        Files.copy(content, copy);
        withProperty(
            PLACE,
            copy.toString(),
            () -> {
              LibUtils.checkStatus();
              return null;
            });
        loaded = true;
      } finally {
        Files.deleteIfExists(copy);
        Files.deleteIfExists(folder);
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

  /** As the library names its folders. */
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
