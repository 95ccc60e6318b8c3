package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShadedJarITCase {
  private static ShadedJar jar;
  private static List<String> entries;

  @BeforeAll
  static void open() throws IOException {
    jar = ShadedJar.ofThisBuild();
    entries = jar.entries();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io/github/flinkexecutorch/jobs/StreamEnrichmentJob.class",
        "io/github/flinkexecutorch/jobs/batch/BatchInferenceJob.class",
        "io/github/flinkexecutorch/jobs/captioning/BulkCaptioningJob.class",
        "io/github/flinkexecutorch/connector/LlmInference.class",
        "io/github/flinkexecutorch/llm/engine/RunnerPool.class",
        "io/github/flinkexecutorch/runtime/Program.class",
        "io/github/flinkexecutorch/runtime/linux-x86_64/libexecutorch.so",
        "io/github/flinkexecutorch/runtime/linux-x86_64/libet_bridge.so",
        "native/lib/linux-x86_64/cpu/libtokenizers.so",
        "org/apache/flink/connector/kafka/source/KafkaSource.class",
        "org/apache/kafka/clients/consumer/KafkaConsumer.class",
        "org/apache/flink/formats/parquet/ParquetWriterFactory.class",
        "org/apache/parquet/hadoop/ParquetWriter.class",
        "org/apache/hadoop/conf/Configuration.class",
        "org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so",
        "picocli/CommandLine.class",
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
        "org/apache/flink/core/",
        "org/apache/flink/streaming/api/",
        "org/apache/flink/runtime/",
        "org/apache/flink/connector/base/",
        "org/apache/flink/connector/file/",
        "org/slf4j/",
        "org/apache/logging/",
        "com/fasterxml/jackson/",
        "com/google/gson/",
        "org/apache/hc/",
        "org/publicsuffix/",
        "io/github/flinkexecutorch/jobs/demo/",
        "kafka/server/",
        "scala/",
        "me/tongfei/",
        "org/junit/",
        "webapps/",
        "win/",
        "org/xerial/snappy/native/Windows/",
        "native/lib/win-x86_64/",
        "native/lib/osx-aarch64/",
        "META-INF/services/javax.imageio"
      })
  void shouldNotContain(String prefix) {
    assertThat(entries).noneMatch(entry -> entry.startsWith(prefix));
  }

  @Test
  void shouldNotContainSignaturesOfOtherJars() {
    assertThat(entries).noneMatch(entry -> entry.matches("META-INF/[^/]*\\.(SF|DSA|RSA)"));
  }

  @Test
  void shouldKeepPackagesThatNativeCodeIsBoundTo() {
    assertThat(entries)
        .contains(
            "io/github/flinkexecutorch/runtime/NativeBridge.class",
            "ai/djl/huggingface/tokenizers/jni/TokenizersLibrary.class")
        .noneMatch(entry -> entry.startsWith("io/github/flinkexecutorch/shaded/ai/"));
  }

  @Test
  void shouldNameMainClass() throws IOException {
    assertThat(jar.text("META-INF/MANIFEST.MF"))
        .contains("Main-Class: " + StreamEnrichmentJob.class.getName());
  }

  @Test
  void shouldHaveEachEntryOnce() {
    assertThat(entries).doesNotHaveDuplicates();
  }
}
