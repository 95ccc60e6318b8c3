package io.github.flinkexecutorch.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is in a jar for clusters, and what must not be: the same for each of them, and what a
 * subclass says besides.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JarForClusters {
  private static final List<String> IN_EACH =
      List.of(
          "io/github/flinkexecutorch/connector/LlmInference.class",
          "io/github/flinkexecutorch/connector/table/ExecuTorchModelProviderFactory.class",
          "io/github/flinkexecutorch/llm/engine/LLMEngine.class",
          "io/github/flinkexecutorch/llm/engine/RunnerPool.class",
          "io/github/flinkexecutorch/runtime/Program.class",
          "io/github/flinkexecutorch/runtime/linux-x86_64/libexecutorch.so",
          "io/github/flinkexecutorch/runtime/linux-x86_64/libet_bridge.so",
          "native/lib/linux-x86_64/cpu/libtokenizers.so",
          "com/twelvemonkeys/imageio/plugins/webp/WebPImageReaderSpi.class",
          "io/github/flinkexecutorch/shaded/com/fasterxml/jackson/databind/ObjectMapper.class",
          "io/github/flinkexecutorch/shaded/org/apache/hc/client5/http/classic/HttpClient.class",
          "META-INF/LICENSE",
          "META-INF/NOTICE");

  private static final List<String> IN_NONE =
      List.of(
          "org/apache/flink/core/",
          "org/apache/flink/streaming/api/",
          "org/apache/flink/runtime/",
          "org/apache/flink/table/",
          "org/slf4j/",
          "org/apache/logging/",
          "com/fasterxml/jackson/",
          "com/google/gson/",
          "org/apache/hc/",
          "org/publicsuffix/",
          "org/junit/",
          "io/github/flinkexecutorch/jobs/demo/",
          "native/lib/win-x86_64/",
          "native/lib/osx-aarch64/",
          "META-INF/services/javax.imageio");

  final ShadedJar jar;
  final List<String> entries;

  JarForClusters(ShadedJar jar) throws IOException {
    this.jar = jar;
    this.entries = jar.entries();
  }

  /** Entries that this jar has beside those of each. */
  abstract List<String> contained();

  /** Beginnings of entries that this jar must not have, beside those of none. */
  abstract List<String> leftOut();

  Stream<String> allContained() {
    return Stream.of(IN_EACH, contained()).flatMap(List::stream);
  }

  Stream<String> allLeftOut() {
    return Stream.of(IN_NONE, leftOut()).flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("allContained")
  void shouldContain(String entry) {
    assertThat(entries).contains(entry);
  }

  @ParameterizedTest
  @MethodSource("allLeftOut")
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
  void shouldOfferTheModelProviderToFlink() throws IOException {
    assertThat(jar.text("META-INF/services/org.apache.flink.table.factories.Factory"))
        .contains("io.github.flinkexecutorch.connector.table.ExecuTorchModelProviderFactory");
  }

  @Test
  void shouldHaveEachEntryOnce() {
    assertThat(entries).doesNotHaveDuplicates();
  }
}
