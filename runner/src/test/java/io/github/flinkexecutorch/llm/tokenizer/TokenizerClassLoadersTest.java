package io.github.flinkexecutorch.llm.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerClassLoadersTest {
  private static final List<String> PROPERTIES =
      List.of("RUST_LIBRARY_PATH", "ENGINE_CACHE_DIR", "ai.djl.offline");

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece-bpe"})
  void shouldTokenizeInSeveralUnrelatedClassLoaders(String format) throws Exception {
    int[] expected;
    try (Tokenizer tokenizer = Tokenizers.load(TokenizerGoldens.folder(format))) {
      expected = tokenizer.encode("My order", 0, 0);
    }
    for (int i = 0; i < 2; i++) {
      try (URLClassLoader loader = new URLClassLoader(classPath(), parent())) {
        assertThat(encodeIn(loader, format)).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece-bpe"})
  void shouldLeaveNothingBehind(String format) throws Exception {
    List<Path> before = extracted();
    List<String> properties = properties();
    try (URLClassLoader loader = new URLClassLoader(classPath(), parent())) {
      assertThat(encodeIn(loader, format)).isNotEmpty();
    }

    assertThat(extracted()).isEqualTo(before);
    assertThat(properties()).isEqualTo(properties);
  }

  private static int[] encodeIn(ClassLoader loader, String format) throws Exception {
    Class<?> tokenizers = loader.loadClass(Tokenizers.class.getName());
    assertThat(tokenizers).isNotSameAs(Tokenizers.class);
    try (AutoCloseable tokenizer =
        (AutoCloseable)
            tokenizers
                .getMethod("load", Path.class)
                .invoke(null, TokenizerGoldens.folder(format))) {
      return (int[])
          loader
              .loadClass(Tokenizer.class.getName())
              .getMethod("encode", String.class, int.class, int.class)
              .invoke(tokenizer, "My order", 0, 0);
    }
  }

  /** Everything but what must be common, as in a job's own class loader. */
  private static URL[] classPath() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return urls.toArray(URL[]::new);
  }

  private static List<String> properties() {
    return PROPERTIES.stream().map(System::getProperty).toList();
  }

  private static ClassLoader parent() {
    return ClassLoader.getPlatformClassLoader();
  }

  private static List<Path> extracted() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("flink-executorch-tokenizers"))
          .sorted()
          .toList();
    }
  }
}
