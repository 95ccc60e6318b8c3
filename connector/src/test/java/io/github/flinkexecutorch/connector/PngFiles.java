package io.github.flinkexecutorch.connector;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** PNG files made by tests. */
final class PngFiles {
  private static final int HEADER_CHUNK = 12;

  private PngFiles() {}

  /** An image of planes of red, green and blue. */
  static byte[] of(byte[] planes, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int plane = width * height;
    for (int i = 0; i < plane; i++) {
      int rgb =
          (planes[i] & 0xff) << 16
              | (planes[plane + i] & 0xff) << 8
              | (planes[2 * plane + i] & 0xff);
      image.setRGB(i % width, i / width, rgb);
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.toByteArray();
  }

  /** A file whose header claims another size. */
  static byte[] claiming(int width, int height, byte[] file) {
    ByteBuffer changed = ByteBuffer.wrap(file.clone());
    changed.putInt(16, width).putInt(20, height);
    CRC32 checksum = new CRC32();
    checksum.update(changed.slice(HEADER_CHUNK, 17));
    return changed.putInt(HEADER_CHUNK + 17, (int) checksum.getValue()).array();
  }
}
