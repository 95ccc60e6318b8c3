package io.github.flinkexecutorch.llm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.FakeModule;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.Zip;
import io.github.flinkexecutorch.runtime.EValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageProcessorTest {
  private static final Path FOLDER = Path.of("src/test/resources/preprocessing");
  private static final Map<String, byte[]> RESIZED = Zip.read(FOLDER.resolve("resized.zip"));
  private static final Map<String, byte[]> PROCESSED = Zip.read(FOLDER.resolve("processed.zip"));

  @TempDir private Path folder;

  static Iterable<String> resized() {
    return RESIZED.keySet();
  }

  static List<String> processed() {
    return PROCESSED.keySet().stream().filter(name -> !name.endsWith(".json")).toList();
  }

  @ParameterizedTest
  @MethodSource("resized")
  void shouldResizeToTheBytesOfPillow(String name) {
    String[] parts = name.split("[/x]", 5); // input's width and height, filter, width, height
    int width = Integer.parseInt(parts[3]);
    int height = Integer.parseInt(parts[4]);

    Image image =
        Resizer.resize(input(parts[0] + "x" + parts[1]), width, height, Resample.valueOf(parts[2]));

    assertThat(interleaved(image)).isEqualTo(RESIZED.get(name));
  }

  @ParameterizedTest
  @MethodSource("processed")
  void shouldProcessToTheValuesOfTheReference(String name) throws IOException {
    String[] parts = name.split("/", 2);
    Path config = Files.write(folder.resolve("c.json"), PROCESSED.get(parts[0] + "/config.json"));
    ByteBuffer golden = ByteBuffer.wrap(PROCESSED.get(name)).order(ByteOrder.LITTLE_ENDIAN);
    int count = golden.getInt();
    int channels = golden.getInt();
    int height = golden.getInt();
    int width = golden.getInt();

    ImageTiles tiles = new ImageProcessor(ImageProcessorConfig.load(config)).split(input(parts[1]));

    assertThat(tiles.images()).hasSize(count);
    for (Image image : tiles.images()) {
      assertThat(List.of(image.channels(), image.height(), image.width()))
          .containsExactly(channels, height, width);
      for (int i = 0; i < channels * height * width; i++) {
        if (image.isUint8()) {
          assertThat(image.uint8Data()[i]).isEqualTo(golden.get());
        } else {
          assertThat(image.floatData()[i]).isEqualTo(golden.getFloat());
        }
      }
    }
  }

  @Test
  void shouldCountTheTiles() throws IOException {
    Path config = Files.write(folder.resolve("c.json"), PROCESSED.get("idefics3/config.json"));

    ImageTiles tiles = new ImageProcessor(ImageProcessorConfig.load(config)).split(input("61x47"));

    assertThat(tiles.columns()).isEqualTo(4); // 64 / 16
    assertThat(tiles.images()).hasSize(tiles.rows() * tiles.columns() + 1);
  }

  @Test
  void shouldPadAroundALetterboxedImage() {
    var config = ImageProcessorConfig.bytes(Fit.LETTERBOX, 20, 30).with(Resample.BOX, 0x010203);

    Image image = new ImageProcessor(config).process(white(10, 10));

    assertThat(image.toString()).isEqualTo("uint8 image [3, 30, 20]");
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < 30; y++) {
        byte expected = y >= 5 && y < 25 ? (byte) 255 : (byte) (channel + 1);
        assertThat(image.uint8Data()[(channel * 30 + y) * 20 + 7]).isEqualTo(expected);
      }
    }
  }

  @Test
  void shouldPadBelowAnImageAtTheTopLeft() {
    var config = ImageProcessorConfig.bytes(Fit.LETTERBOX_TOP_LEFT, 20, 30);

    Image image = new ImageProcessor(config).process(white(10, 10));

    assertThat(image.uint8Data()[0]).isEqualTo((byte) 255);
    assertThat(image.uint8Data()[19 * 20]).isEqualTo((byte) 255);
    assertThat(image.uint8Data()[20 * 20]).isEqualTo((byte) 0);
  }

  @Test
  void shouldMakeBothEdgesEvenForLlava() {
    Image image = new ImageProcessor(ImageProcessorConfig.llava()).process(white(200, 131));

    assertThat(image.toString()).isEqualTo("uint8 image [3, 220, 336]");
  }

  @Test
  void shouldNormalizeByZeroToOneAndByImageNet() {
    var zeroToOne = ImageProcessorConfig.zeroToOne(Fit.STRETCH, 4, 4);
    var imageNet = ImageProcessorConfig.imageNet(Fit.STRETCH, 4, 4);

    assertThat(new ImageProcessor(zeroToOne).process(white(8, 8)).floatData()).containsOnly(1f);
    assertThat(new ImageProcessor(imageNet).process(white(8, 8)).floatData())
        .contains((1 - 0.485f) / 0.229f, (1 - 0.456f) / 0.224f, (1 - 0.406f) / 0.225f);
  }

  @Test
  void shouldReadTheConstantsOfAProgram() throws IOException {
    var module =
        FakeModule.repeating('x')
            .constant("image_mean", EValue.of(new double[] {0.5, 0.25, 0.125}))
            .constant("image_std", EValue.of(new double[] {0.5, 0.5, 0.25}))
            .constant("size", EValue.of(new long[] {24, 32}))
            .constant("resample", EValue.of(2));

    ImageProcessorConfig config = ImageProcessorConfig.read(module);

    assertThat(config.fit()).isEqualTo(Fit.STRETCH);
    assertThat(List.of(config.height(), config.width())).containsExactly(24, 32);
    assertThat(config.mean()).containsExactly(0.5, 0.25, 0.125);
    assertThat(config.resample()).isEqualTo(Resample.BILINEAR);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'image_processor_type': 'MllamaImageProcessor'}",
        "{'image_processor_type': 'CLIPImageProcessor', 'do_thumbnail': true}",
        "{'image_processor_type': 'Gemma3ImageProcessor', 'do_pan_and_scan': true}",
        "{'image_processor_type': 'ViTImageProcessor', 'do_pad': true}",
        "{'size': {'short': 3}}",
        "{'size': {'height': 'x', 'width': 2}}",
        "{'size': {'height': 100000, 'width': 2}}",
        "{'resample': 9}",
        "{'image_mean': [1, 2]}",
        "{'image_std': [1, 2, 0]}",
        "[]",
        "{",
      })
  void shouldRefuseAPreprocessorThatPixelsWouldDifferBy(String json) throws IOException {
    Path config = Files.writeString(folder.resolve("c.json"), json.replace('\'', '"'));

    assertThatThrownBy(() -> ImageProcessorConfig.load(config))
        .isInstanceOf(InvalidModelException.class);
  }

  @Test
  void shouldNameTheProcessorThatIsNotKnown() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("c.json"), "{\"image_processor_type\": \"MllamaImageProcessor\"}");

    assertThatThrownBy(() -> ImageProcessorConfig.load(config))
        .hasMessageContaining("its processor MllamaImageProcessor is not known; known are [CLIP,");
  }

  @Test
  void shouldRefuseAnImageThatTheResizeWouldBlowUp() throws IOException {
    Path config = Files.writeString(folder.resolve("c.json"), "{}");
    var processor = new ImageProcessor(ImageProcessorConfig.load(config));

    assertThatThrownBy(() -> processor.process(white(16384, 1)))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.IMAGE_TOO_LARGE))
        .hasMessageStartingWith(
            "An image of 16384 x 1 pixels would become 3670016 x 224 for the encoder");
  }

  private static Image input(String name) {
    return new ImageDecoder().decode(FOLDER.resolve(name + ".png"));
  }

  private static Image white(int width, int height) {
    byte[] data = new byte[3 * width * height];
    java.util.Arrays.fill(data, (byte) 255);
    return Image.ofBytes(data, width, height, 3);
  }

  private static byte[] interleaved(Image image) {
    byte[] planar = image.uint8Data();
    byte[] rows = new byte[planar.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = planar[i % 3 * (planar.length / 3) + i / 3];
    }
    return rows;
  }
}
