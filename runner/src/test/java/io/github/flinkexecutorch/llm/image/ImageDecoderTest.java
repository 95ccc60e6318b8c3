package io.github.flinkexecutorch.llm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import io.github.flinkexecutorch.llm.Zip;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  static final Path IMAGES = Path.of("src/test/resources/images");
  private static final Map<String, byte[]> GOLDENS = Zip.read(IMAGES.resolve("goldens.zip"));
  private static final ImageDecoder DECODER = new ImageDecoder();

  /** WebP's chroma is not interpolated; everything else is equal to Pillow's pixels. */
  private static final Map<String, Tolerance> TOLERANCES =
      Map.of(
          "smooth.webp", new Tolerance(10, 1.6),
          "lossy.webp", new Tolerance(80, 13), // hard color edges in every chroma sample
          "lossy-alpha.webp", new Tolerance(80, 8));

  private record Tolerance(int max, double mean) {}

  static Iterable<String> variants() {
    return GOLDENS.keySet();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void shouldDecodeToThePixelsOfPillow(String name) throws IOException {
    ByteBuffer golden = ByteBuffer.wrap(GOLDENS.get(name));
    int width = golden.getShort();
    int height = golden.getShort();

    Image image = DECODER.decode(IMAGES.resolve(name));

    assertThat(image.toString()).isEqualTo("uint8 image [3, " + height + ", " + width + "]");
    int plane = width * height;
    int max = 0;
    long sum = 0;
    for (int i = 0; i < 3 * plane; i++) {
      int actual = image.uint8Data()[i % 3 * plane + i / 3] & 0xff;
      int difference = Math.abs(actual - (golden.get() & 0xff));
      max = Math.max(max, difference);
      sum += difference;
    }
    Tolerance tolerance = TOLERANCES.getOrDefault(name, new Tolerance(0, 0));
    assertThat(max).isLessThanOrEqualTo(tolerance.max);
    assertThat(sum / (3.0 * plane)).isLessThanOrEqualTo(tolerance.mean);
  }

  @Test
  void shouldDecodeInSeveralThreadsAtOnce() {
    byte[][] alone = pixelsOfAll();

    List<byte[][]> together =
        IntStream.range(0, 8).parallel().mapToObj(thread -> pixelsOfAll()).toList();

    assertThat(together).allSatisfy(pixels -> assertThat(pixels).isDeepEqualTo(alone));
  }

  private static byte[][] pixelsOfAll() {
    return GOLDENS.keySet().stream()
        .map(name -> DECODER.decode(IMAGES.resolve(name)).uint8Data())
        .toArray(byte[][]::new);
  }

  @Test
  void shouldShowTheBackgroundThroughTransparentPixels() throws IOException {
    var decoder = new ImageDecoder(ImageLimits.DEFAULTS, 0x102030);

    Image image = decoder.decode(IMAGES.resolve("rgba.png"));

    int last = image.width() * image.height() - 1; // the last row is transparent
    assertThat(image.uint8Data()[last]).isEqualTo((byte) 0x10);
    assertThat(image.uint8Data()[2 * last + 1]).isEqualTo((byte) 0x20);
    assertThat(image.uint8Data()[3 * last + 2]).isEqualTo((byte) 0x30);
  }

  @Test
  void shouldReadTheFormatFromTheContentWhateverTheName(@TempDir Path folder) throws IOException {
    Path misnamed = Files.copy(IMAGES.resolve("444.jpg"), folder.resolve("picture.png"));

    assertThat(DECODER.decode(misnamed).uint8Data())
        .isEqualTo(DECODER.decode(IMAGES.resolve("444.jpg")).uint8Data());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "P", "plain text", "<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.7"})
  void shouldRefuseWhatIsNoImage(String content) {
    assertRefused(
        content.getBytes(StandardCharsets.UTF_8),
        Reason.IMAGE_DECODE,
        "bytes are no image; known are [PNG, JPEG, GIF, WEBP, TIFF, BMP]");
  }

  @Test
  void shouldRefuseRandomBytes() {
    byte[] content = new byte[5000];
    new Random(5).nextBytes(content);

    assertRefused(content, Reason.IMAGE_DECODE, "are no image");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rgb.png",
        "444.jpg",
        "progressive.jpg",
        "lossless.webp",
        "lossy.webp",
        "palette.gif",
        "rgb.bmp",
        "lzw.tif"
      })
  void shouldRefuseATruncatedImage(String name) throws IOException {
    byte[] content = Files.readAllBytes(IMAGES.resolve(name));

    for (int tenths = 1; tenths < 10; tenths++) {
      byte[] part = Arrays.copyOf(content, content.length * tenths / 10);
      assertRefused(part, Reason.IMAGE_DECODE, "cannot be read");
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.flinkexecutorch.llm.image.Bombs#all")
  void shouldRefuseABombByItsHeaderAtOnce(String name, byte[] content) {
    var before = Bombs.allocatedBytes();
    long start = cpuNanos();

    assertRefused(content, Reason.IMAGE_TOO_LARGE, "is too large; the limit is");

    assertThat(cpuNanos() - start).isLessThan(100_000_000L);
    assertThat(Bombs.allocatedBytes() - before).isLessThan(10L << 20);
  }

  @ParameterizedTest
  @MethodSource("io.github.flinkexecutorch.llm.image.Bombs#hidden")
  void shouldNotInflateWhatIsNoPixel(String name, byte[] content) {
    var before = Bombs.allocatedBytes();

    Image image = DECODER.decode(content);

    assertThat(image.width()).isPositive();
    assertThat(Bombs.allocatedBytes() - before).isLessThan(10L << 20);
  }

  @Test
  void shouldNameTheLimitThatAFileBreaks() throws IOException {
    var limits = new ImageLimits(2000, 37, 23, 37 * 23 - 1, 1 << 20);
    var decoder = new ImageDecoder(limits, ImageDecoder.WHITE);

    assertThatThrownBy(() -> decoder.decode(IMAGES.resolve("rgb.bmp")))
        .hasMessage(
            "An image of 2630 bytes is too large; the limit is 2000 bytes. Send a smaller image");
    assertThatThrownBy(() -> decoder.decode(IMAGES.resolve("420.jpg")))
        .hasMessage(
            "A JPEG image of 37 x 23 pixels is too large; the limit is 850 pixels in all. Send a"
                + " smaller image");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb.png", "444.jpg", "palette.gif", "rgb.bmp", "lzw.tif"})
  void shouldReadEverySecondRowAndColumnOfALargeImage(String name) throws IOException {
    Image full = DECODER.decode(IMAGES.resolve(name));
    var limits = new ImageLimits(1 << 20, 100, 100, 1 << 20, 37 * 23 / 3);

    Image half = new ImageDecoder(limits, ImageDecoder.WHITE).decode(IMAGES.resolve(name));

    assertThat(half.toString()).isEqualTo("uint8 image [3, 12, 19]");
    for (int i = 0; i < half.uint8Data().length; i++) {
      int row = i / 19 % 12 * 2 + i / (12 * 19) * 23;
      assertThat(half.uint8Data()[i]).isEqualTo(full.uint8Data()[row * 37 + i % 19 * 2]);
    }
  }

  @Test
  void shouldSayWhyAFileCannotBeRead(@TempDir Path folder) {
    assertThatThrownBy(() -> DECODER.decode(folder.resolve("none.png")))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.IMAGE_DECODE))
        .hasMessageContaining("none.png cannot be read: java.nio.file.NoSuchFileException");
  }

  private static void assertRefused(byte[] content, Reason reason, String message) {
    assertThatThrownBy(() -> DECODER.decode(content))
        .isInstanceOfSatisfying(
            InvalidRequestException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  /** Of this thread, so that it does not matter how busy the machine is. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
