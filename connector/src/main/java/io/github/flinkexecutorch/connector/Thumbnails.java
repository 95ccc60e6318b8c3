package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.image.Fit;
import io.github.flinkexecutorch.llm.image.Image;
import io.github.flinkexecutorch.llm.image.ImageProcessor;
import io.github.flinkexecutorch.llm.image.ImageProcessorConfig;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Small copies of images, as JPEG. */
final class Thumbnails {
  private final int longestEdge;
  private final ImageProcessor shrinking; // null: no thumbnails

  /**
   * @param longestEdge in pixels, 0 for no thumbnails
   */
  Thumbnails(int longestEdge) {
    this.longestEdge = longestEdge;
    this.shrinking =
        longestEdge == 0
            ? null
            : new ImageProcessor(
                ImageProcessorConfig.bytes(Fit.LONGEST_EDGE, longestEdge, longestEdge));
  }

  /** The copy, never larger than the image; {@code null} where there are to be none. */
  byte[] of(Image image) {
    if (shrinking == null) {
      return null;
    }
    boolean small = Math.max(image.width(), image.height()) <= longestEdge;
    return jpeg(small ? image : shrinking.process(image));
  }

  private static byte[] jpeg(Image image) {
    BufferedImage pixels =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] planes = image.uint8Data();
    int plane = image.width() * image.height();
    for (int at = 0; at < plane; at++) {
      int red = planes[at] & 0xff;
      int green = planes[plane + at] & 0xff;
      int blue = planes[2 * plane + at] & 0xff;
      pixels.setRGB(at % image.width(), at / image.width(), red << 16 | green << 8 | blue);
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(out);
      writer.write(pixels);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing in memory fails
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }
}
