package io.github.flinkexecutorch.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkexecutorch.llm.engine.InferenceEngine;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images as archives have them: each is completed right, or fails for a reason; the job goes on.
 */
class BadImagesITCase {
  private static final String PROMPT = "Describe it.";

  @RegisterExtension private static final MiniClusterExtension CLUSTER = TestCluster.withSlots(2);

  @TempDir private static Path folder;

  private final Map<String, FailureKind> bad = new HashMap<>();
  private final Map<String, Image> good = new HashMap<>();
  private final List<InferenceRequest> requests = new ArrayList<>();
  private Configuration options;
  private Path root;

  @BeforeEach
  void makeFolder(@TempDir Path temporary) throws IOException {
    root = Files.createDirectories(temporary.resolve("root"));
    options =
        Pictures.batchedOptions("llava", 28, folder)
            .set(ExecuTorchOptions.IMAGE_ROOTS, List.of(root.toString()))
            .set(ExecuTorchOptions.IMAGE_MAX_BYTES, MemorySize.parse("100kb"));
    Files.write(temporary.resolve("outside.png"), Pictures.read("rgb.png"));
    Files.createSymbolicLink(root.resolve("link.png"), temporary.resolve("outside.png"));
  }

  @AfterEach
  void shouldReleaseEverything() {
    TestCluster.requireNothingOpen();
  }

  @Test
  void shouldCompleteOrRejectEachAndGoOn() throws Exception {
    byte[] jpeg = Pictures.read("420.jpg");
    byte[] png = Pictures.read("rgb.png");
    fails("truncated.jpg", Arrays.copyOf(jpeg, jpeg.length / 2), FailureKind.IMAGE_DECODE);
    fails("truncated.png", Arrays.copyOf(png, png.length - 20), FailureKind.IMAGE_DECODE);
    fails("empty.png", new byte[0], FailureKind.IMAGE_DECODE);
    fails("text.png", "hello".getBytes(UTF_8), FailureKind.IMAGE_DECODE);
    fails("drawing.svg", "<svg/>".getBytes(UTF_8), FailureKind.IMAGE_DECODE);
    fails("bomb.png", PngFiles.claiming(40_000, 40_000, png), FailureKind.IMAGE_TOO_LARGE);
    fails("heavy.png", Arrays.copyOf(png, 200_000), FailureKind.IMAGE_TOO_LARGE);
    fails("link.png", FailureKind.FORBIDDEN_REFERENCE);
    fails("../outside.png", FailureKind.FORBIDDEN_REFERENCE);
    fails(root.resolveSibling("outside.png").toString(), FailureKind.FORBIDDEN_REFERENCE);
    fails("http://127.0.0.1:1/cat.png", FailureKind.FORBIDDEN_REFERENCE);
    fails("missing.png", FailureKind.FETCH_FAILED);
    fails(".", FailureKind.FETCH_FAILED);
    succeeds("really-a.png", jpeg);
    succeeds("really.txt", png);
    for (String file :
        List.of("animated.gif", "animated.webp", "cmyk.jpg", "ycck.jpg", "rgb-16bit.png")) {
      succeeds(file, Pictures.read(file));
    }
    for (int orientation = 1; orientation <= 8; orientation++) {
      String file = "turned-" + orientation + ".jpg";
      succeeds(file, Pictures.read(file));
    }

    StreamExecutionEnvironment env = TestCluster.environment(2, 0); // without a restart
    InferenceStreams out = Pictures.inference(env, options, requests);
    var completions = out.completions().collectAsync();
    var failures = out.failures().collectAsync();
    env.execute();
    assertThat(Pictures.all(completions).stream().collect(toMap(Completion::id, Completion::text)))
        .isEqualTo(alone());
    List<Failure> letters = Pictures.all(failures);
    assertThat(letters.stream().collect(toMap(Failure::id, Failure::kind))).isEqualTo(bad);
    assertThat(letters)
        .allSatisfy(
            letter -> {
              assertThat(letter.stage()).isEqualTo(FailureStage.IMAGE);
              assertThat(letter.message()).isNotBlank().doesNotContain(root.toString());
            });
  }

  @Test
  void shouldRejectImagesForATextModelAndCompleteTheRest() throws Exception {
    requests.add(
        InferenceRequest.of("image", "Hi")
            .withImages(RequestImage.ofBytes(Pictures.read("rgb.png"))));
    requests.add(InferenceRequest.of("text", "Hi"));
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    InferenceStreams out = Pictures.inference(env, Tickets.batchedOptions(), requests);
    var completions = out.completions().collectAsync();
    var failures = out.failures().collectAsync();
    env.execute();

    assertThat(Pictures.all(completions)).extracting(Completion::id).containsExactly("text");
    assertThat(Pictures.all(failures))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.id()).isEqualTo("image");
              assertThat(letter.kind()).isEqualTo(FailureKind.UNSUPPORTED_INPUT);
              assertThat(letter.message()).contains("executorch.image.preprocessor");
            });
  }

  /** Somebody says how to prepare images, but the model has no use for them. */
  @Test
  void shouldRejectPreparedImagesForATextModel() throws Exception {
    Configuration text = Tickets.batchedOptions();
    text.set(
        ExecuTorchOptions.IMAGE_PREPROCESSOR, options.get(ExecuTorchOptions.IMAGE_PREPROCESSOR));
    requests.add(
        InferenceRequest.of("image", "Hi")
            .withImages(RequestImage.ofBytes(Pictures.read("rgb.png"))));
    StreamExecutionEnvironment env = TestCluster.environment(1, 0);
    var failures = Pictures.inference(env, text, requests).failures().collectAsync();
    env.execute();

    assertThat(Pictures.all(failures))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.kind()).isEqualTo(FailureKind.UNSUPPORTED_INPUT);
              assertThat(letter.stage()).isEqualTo(FailureStage.GENERATE);
            });
  }

  private Map<String, String> alone() {
    try (InferenceEngine engine = new ModelEngineFactory(options).open("alone").join()) {
      return good.entrySet().stream()
          .collect(
              toMap(
                  Map.Entry::getKey,
                  image -> Pictures.alone(engine, options, image.getValue(), PROMPT)));
    }
  }

  private void succeeds(String name, byte[] content) throws IOException {
    Files.write(root.resolve(name), content);
    good.put(name, new ImageDecoder().decode(content));
    request(name);
  }

  private void fails(String name, byte[] content, FailureKind kind) throws IOException {
    Files.write(root.resolve(name), content);
    fails(name, kind);
  }

  private void fails(String reference, FailureKind kind) {
    bad.put(reference, kind);
    request(reference);
  }

  private void request(String reference) {
    requests.add(
        InferenceRequest.of(reference, PROMPT).withImages(RequestImage.ofReference(reference)));
  }
}
