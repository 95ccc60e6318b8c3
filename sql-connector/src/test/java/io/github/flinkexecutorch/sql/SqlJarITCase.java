package io.github.flinkexecutorch.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the jar, and what must not be. */
class SqlJarITCase {
  private static ZipFile jar;
  private static List<String> entries;

  @BeforeAll
  static void open() throws IOException {
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(Path.of("target"), "flink-sql-connector-executorch-*.jar")) {
      jar = new ZipFile(jars.iterator().next().toFile());
    }
    entries = jar.stream().filter(e -> !e.isDirectory()).map(ZipEntry::getName).toList();
  }

  @AfterAll
  static void close() throws IOException {
    jar.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io/github/flinkexecutorch/connector/table/ExecuTorchModelProviderFactory.class",
        "io/github/flinkexecutorch/llm/engine/LLMEngine.class",
        "io/github/flinkexecutorch/runtime/NativeBridge.class",
        "io/github/flinkexecutorch/runtime/linux-x86_64/libexecutorch.so",
        "io/github/flinkexecutorch/runtime/linux-x86_64/libet_bridge.so",
        "native/lib/linux-x86_64/cpu/libtokenizers.so",
        "ai/djl/huggingface/tokenizers/jni/TokenizersLibrary.class",
        "com/twelvemonkeys/imageio/plugins/webp/WebPImageReaderSpi.class",
        "io/github/flinkexecutorch/shaded/com/fasterxml/jackson/databind/ObjectMapper.class",
        "io/github/flinkexecutorch/shaded/org/apache/hc/client5/http/classic/HttpClient.class",
        "META-INF/LICENSE",
        "META-INF/NOTICE"
      })
  void shouldContain(String entry) {
    assertThat(entries).contains(entry);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org/apache/flink/table/",
        "org/apache/flink/core/",
        "org/apache/flink/streaming/",
        "org/apache/flink/runtime/",
        "org/apache/kafka/",
        "io/github/flinkexecutorch/jobs/",
        "org/slf4j/",
        "org/apache/logging/",
        "com/fasterxml/jackson/",
        "com/google/gson/",
        "org/apache/hc/",
        "org/publicsuffix/",
        "org/junit/",
        "native/lib/win-x86_64/",
        "native/lib/osx-aarch64/",
        "META-INF/services/javax.imageio"
      })
  void shouldNotContain(String prefix) {
    assertThat(entries).noneMatch(entry -> entry.startsWith(prefix));
  }

  @Test
  void shouldOfferTheProviderToFlink() throws IOException {
    ZipEntry services = jar.getEntry("META-INF/services/org.apache.flink.table.factories.Factory");

    assertThat(new String(jar.getInputStream(services).readAllBytes(), StandardCharsets.UTF_8))
        .contains("io.github.flinkexecutorch.connector.table.ExecuTorchModelProviderFactory");
  }

  @Test
  void shouldHaveEachEntryOnce() {
    assertThat(entries).doesNotHaveDuplicates();
  }
}
