package io.github.flinkexecutorch.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageDecoder;
import io.github.flinkexecutorch.llm.image.ImageProcessor;
import io.github.flinkexecutorch.llm.image.ImageProcessorConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReaderTest {
  private static final String GROUP = "executorch";

  private final MetricListener listener = new MetricListener();
  private final ImageMetrics metrics = new ImageMetrics(listener.getMetricGroup());

  @TempDir private Path folder;

  @Test
  void shouldPrepareExactlyAsTheModelsOwnPreprocessing() throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    ModelImages model = new ModelImages(options);
    byte[] file = Pictures.read("smooth.jpg");
    Image whole = new ImageDecoder().decode(file);

    RequestImage prepared = read(options, RequestImage.ofBytes(file));

    assertThat(prepared.isPrepared()).isTrue();
    assertThat(prepared.encoded()).isNull();
    assertThat(prepared.thumbnail()).isNull();
    assertThat(prepared.pixels()).hasSize(3 * 28 * 28);
    assertThat(prepared.sourceWidth()).isEqualTo(whole.width());
    assertThat(prepared.sourceHeight()).isEqualTo(whole.height());
    Path preprocessor = Path.of(options.get(ExecuTorchOptions.IMAGE_PREPROCESSOR));
    assertThat(model.normalized(prepared).floatData())
        .isEqualTo(
            new ImageProcessor(ImageProcessorConfig.load(preprocessor)).process(whole).floatData());
  }

  /** Four times the memory, for as long as a request waits. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldMakeWhatTheEncoderTakesNoSoonerThanItIsAskedFor(boolean rescales) throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    Path preprocessor = Path.of(options.get(ExecuTorchOptions.IMAGE_PREPROCESSOR));
    if (!rescales) {
      Files.writeString(
          preprocessor,
          """
          {"size": {"height": 28, "width": 28}, "do_rescale": false, "do_normalize": false,
           "do_center_crop": false}""");
    }
    RequestImage prepared = read(options, RequestImage.ofBytes(Pictures.read("smooth.jpg")));

    Image image = new ModelImages(options).normalized(prepared);

    Image expected =
        new ImageProcessor(ImageProcessorConfig.load(preprocessor))
            .process(new ImageDecoder().decode(Pictures.read("smooth.jpg")));
    assertThat(image).hasToString(expected.toString());
    if (image.isFloat()) {
      assertThat(image.floatData()).isEqualTo(expected.floatData());
      assertThat(image.floatData()).isNotSameAs(image.floatData());
    } else {
      assertThat(image.uint8Data()).isEqualTo(expected.uint8Data());
      assertThat(image.uint8Data()).isNotSameAs(image.uint8Data());
    }
  }

  @Test
  void shouldKeepTheReference() throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    assertThat(read(options, RequestImage.ofReference("rgb.png")).reference()).isEqualTo("rgb.png");
  }

  @ParameterizedTest
  @CsvSource({"rgb.png, 4000", "turned-6.jpg, 10", "smooth.jpg, 16"})
  void shouldKeepASmallCopy(String file, int edge) throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    options.set(ExecuTorchOptions.IMAGE_THUMBNAIL, edge);

    RequestImage prepared = read(options, RequestImage.ofBytes(Pictures.read(file)));

    Image copy = new ImageDecoder().decode(prepared.thumbnail());
    double aspect = (double) prepared.sourceWidth() / prepared.sourceHeight();
    int longest = Math.max(prepared.sourceWidth(), prepared.sourceHeight());
    assertThat(Math.max(copy.width(), copy.height())).isEqualTo(Math.min(edge, longest));
    assertThat(copy.width())
        .isBetween((int) (copy.height() * aspect) - 2, (int) (copy.height() * aspect) + 2);
  }

  /** An image beyond the limit of decoded pixels is read coarsely. */
  @Test
  void shouldHoldNoMorePixelsThanTheLimit() throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    options.set(ExecuTorchOptions.IMAGE_MAX_DECODED_PIXELS, 64L * 64);
    byte[] stripes = new byte[3 * 128 * 128];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = (byte) (i % 2 == 0 ? 200 : 0); // only columns that are read
    }

    RequestImage prepared = read(options, RequestImage.ofBytes(PngFiles.of(stripes, 128, 128)));

    assertThat(prepared.pixels()).containsOnly((byte) 200);
    assertThat(prepared.sourceWidth()).isEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource({"1000, , IMAGE_TOO_LARGE, max-bytes", ", 100, IMAGE_TOO_LARGE, 100 pixels"})
  void shouldRefuseWhatIsBeyondTheLimits(
      String maxBytes, Long maxPixels, FailureKind kind, String named) {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    if (maxBytes != null) {
      options.setString(ExecuTorchOptions.IMAGE_MAX_BYTES.key(), maxBytes + "b");
    }
    if (maxPixels != null) {
      options.set(ExecuTorchOptions.IMAGE_MAX_PIXELS, maxPixels);
    }
    RejectedRecordException failure =
        catchThrowableOfType(
            RejectedRecordException.class,
            () -> read(options, RequestImage.ofReference("rgb.png")));
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessageContaining(named);
  }

  @Test
  void shouldCountWhatItReads() throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    byte[] file = Pictures.read("rgb.png");
    read(options, RequestImage.ofBytes(file));
    read(options, RequestImage.ofReference("rgb.png"));
    metrics.failed(FailureKind.IMAGE_DECODE);

    assertThat(count(LlmMetric.IMAGES)).isEqualTo(2);
    assertThat(count(LlmMetric.IMAGE_BYTES)).isEqualTo(2L * file.length);
    assertThat(times(LlmMetric.IMAGE_DECODE_TIME)).isEqualTo(2);
    assertThat(times(LlmMetric.IMAGE_FETCH_TIME)).isEqualTo(1);
    assertThat(
            listener
                .getCounter(GROUP, "kind", "IMAGE_DECODE", LlmMetric.IMAGE_FAILURES.metricName())
                .orElseThrow()
                .getCount())
        .isEqualTo(1);
  }

  @Test
  void shouldTakeTheModelsOwnPreprocessing() throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    Path model = folder.resolve("model.pte");
    Files.copy(Path.of(options.get(ExecuTorchOptions.MODEL_PATH)), model);
    Files.move(
        Path.of(options.get(ExecuTorchOptions.IMAGE_PREPROCESSOR)),
        folder.resolve("preprocessor_config.json"));
    options.set(ExecuTorchOptions.MODEL_PATH, model.toString());
    options.removeConfig(ExecuTorchOptions.IMAGE_PREPROCESSOR);

    assertThat(read(options, RequestImage.ofReference("rgb.png")).width()).isEqualTo(28);
  }

  @Test
  void shouldTakeThePreprocessingOfTheVersionThatIsToBeServed() throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    Path version = Files.createDirectory(folder.resolve("v7"));
    Files.copy(Path.of(options.get(ExecuTorchOptions.MODEL_PATH)), version.resolve("model.pte"));
    Files.move(
        Path.of(options.get(ExecuTorchOptions.IMAGE_PREPROCESSOR)),
        version.resolve("preprocessor_config.json"));
    Path file = folder.resolve("current");
    options.removeConfig(ExecuTorchOptions.IMAGE_PREPROCESSOR);
    options
        .set(ExecuTorchOptions.MODEL_PATH, folder + "/{version}/model.pte")
        .set(ExecuTorchOptions.MODEL_VERSION_FILE, file.toString());

    // The task's failure, and no image's.
    assertThatThrownBy(() -> read(options, RequestImage.ofReference("rgb.png")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(file.toString());
    Files.writeString(file, "v7");
    assertThat(read(options, RequestImage.ofReference("rgb.png")).width()).isEqualTo(28);
  }

  @Test
  void shouldFailTheStartWhenThePreprocessingCannotBeUsed() throws Exception {
    Configuration options = new Configuration();
    options.set(
        ExecuTorchOptions.IMAGE_PREPROCESSOR,
        Files.writeString(folder.resolve("broken.json"), "{").toString());
    assertThatThrownBy(() -> new ModelImages(options).load())
        .isInstanceOf(InvalidModelException.class);
  }

  /** Texts may be all that the job has for this model. */
  @Test
  void shouldRefuseImagesWhenTheModelsOwnPreprocessingCannotBeUsed() throws Exception {
    Files.writeString(
        folder.resolve("preprocessor_config.json"), "{\"image_processor_type\": \"Other\"}");
    Configuration options = new Configuration();
    options.set(ExecuTorchOptions.MODEL_PATH, folder.resolve("model.pte").toString());

    for (int image = 0; image < 2; image++) {
      RejectedRecordException failure =
          catchThrowableOfType(
              RejectedRecordException.class,
              () -> read(options, RequestImage.ofBytes(Pictures.read("rgb.png"))));
      assertThat(failure.kind()).isEqualTo(FailureKind.UNSUPPORTED_INPUT);
      assertThat(failure).hasMessageContainingAll("Other", "executorch.image.preprocessor");
    }
  }

  /**
   * A file that leads to itself is neither there nor absent, as one of a file system that fails.
   */
  @ParameterizedTest
  @ValueSource(strings = {"model.pte", "preprocessor_config.json"})
  void shouldFailTheTaskAndNoImageAsLongAsAFileCannotBeRead(String name) throws Exception {
    Configuration options = Pictures.batchedOptions("llava", 28, folder);
    options.removeConfig(ExecuTorchOptions.IMAGE_PREPROCESSOR);
    Path program = Path.of(options.get(ExecuTorchOptions.MODEL_PATH));
    Path model = folder.resolve("model.pte");
    options.set(ExecuTorchOptions.MODEL_PATH, model.toString());
    if (!name.equals("model.pte")) {
      Files.copy(program, model);
    }
    Path failing = folder.resolve(name);
    Files.createSymbolicLink(failing, failing);
    ModelImages images = new ModelImages(options);
    Image image = new ImageDecoder().decode(Pictures.read("rgb.png"));

    assertThatThrownBy(() -> images.fit(image))
        .satisfies(
            failure ->
                assertThat(FailureClassifier.classify(failure)).isEqualTo(FailureKind.FATAL));

    Files.delete(failing);
    if (name.equals("model.pte")) {
      Files.copy(program, model);
    }
    Files.write(
        folder.resolve("preprocessor_config.json"), Files.readAllBytes(folder.resolve("28.json")));
    assertThat(images.fit(image).width()).isEqualTo(28);
  }

  @Test
  void shouldRefuseOptionsThatCannotWork() {
    refused(new Configuration().set(ExecuTorchOptions.IMAGE_MAX_PIXELS, 0L), "max-");
    refused(new Configuration().set(ExecuTorchOptions.IMAGE_PARALLELISM, 0), "parallelism");
    refused(new Configuration().set(ExecuTorchOptions.IMAGE_THUMBNAIL, -1), "thumbnail");
    refused(
        new Configuration().set(ExecuTorchOptions.IMAGE_FETCH_TIMEOUT, Duration.ofMinutes(3)),
        "fetch-timeout");
  }

  private static void refused(Configuration options, String named) {
    assertThatThrownBy(() -> new ImageReading(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executorch.image." + named);
  }

  private RequestImage read(Configuration options, RequestImage image) throws Exception {
    try (ImageReader reader = new ImageReader(options, new ModelImages(options), metrics)) {
      return reader.read(image);
    }
  }

  private long count(LlmMetric metric) {
    return listener.getCounter(GROUP, metric.metricName()).orElseThrow().getCount();
  }

  private long times(LlmMetric metric) {
    return listener.getHistogram(GROUP, metric.metricName()).orElseThrow().getCount();
  }
}
