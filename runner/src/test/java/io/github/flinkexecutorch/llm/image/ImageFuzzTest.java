package io.github.flinkexecutorch.llm.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.flinkexecutorch.llm.InvalidModelException;
import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as an image or as the settings of a preprocessor. */
class ImageFuzzTest {
  private static final ImageLimits LIMITS =
      new ImageLimits(1L << 20, 2048, 2048, 1L << 20, 1L << 20);
  private static final int LARGEST_SIDE = 256;

  @TempDir private static Path folder;

  static Stream<Arguments> images() {
    return Seeds.in("images", ".*\\.(png|jpg|webp|gif|bmp|tif)");
  }

  static Stream<Arguments> settings() {
    return Seeds.in("hostile", "preprocessor_config\\.json");
  }

  @MethodSource("images")
  @FuzzTest
  void shouldDecodeOrRefuseAnyImage(byte[] content) {
    try {
      Image image = new ImageDecoder(LIMITS, ImageDecoder.WHITE).decode(content);
      assertThat((long) image.width() * image.height()).isBetween(1L, LIMITS.maxPixels());
    } catch (InvalidRequestException e) {
      assertThat(e).hasMessageNotContaining("\n");
    }
  }

  @MethodSource("settings")
  @FuzzTest
  void shouldReadOrRefuseAnySettings(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("preprocessor_config.json"), content);
    try {
      ImageProcessorConfig config = ImageProcessorConfig.load(file);
      if (Stream.of(
              config.width(),
              config.height(),
              config.cropWidth(),
              config.cropHeight(),
              config.tile())
          .allMatch(side -> side <= LARGEST_SIDE)) {
        assertThat(
                new ImageProcessor(config).process(Image.ofBytes(new byte[3 * 40 * 30], 40, 30, 3)))
            .isNotNull();
      }
    } catch (InvalidModelException | InvalidRequestException e) {
      assertThat(e).hasMessageNotContaining("\n");
    }
  }
}
