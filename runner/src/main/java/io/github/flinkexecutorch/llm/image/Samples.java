package io.github.flinkexecutorch.llm.image;

import io.github.flinkexecutorch.llm.image.ImageFile.Encoding;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * From a decoder's samples to red, green and blue, with the arithmetic of Pillow and libjpeg: 16
 * bits are cut to the upper 8, color profiles are ignored.
 */
final class Samples {
  private static final int HALF = 1 << 15;

  private final RgbPlanes planes;
  private final int left;
  private final int top;

  Samples(RgbPlanes planes, int left, int top) {
    this.planes = planes;
    this.left = left;
    this.top = top;
  }

  void put(BufferedImage image) {
    if (image.getColorModel() instanceof IndexColorModel palette) {
      putIndexed(image.getRaster(), palette);
    } else {
      putComponents(image.getRaster(), image.getColorModel());
    }
  }

  /** Samples that no color model describes, as {@code encoding} says. */
  void put(Raster raster, Encoding encoding) {
    int bands = raster.getNumBands();
    int[] row = new int[raster.getWidth() * bands];
    for (int y = 0; y < raster.getHeight(); y++) {
      row(raster, y, row);
      for (int x = 0; x < raster.getWidth(); x++) {
        int at = x * bands;
        int a = row[at];
        int b = bands < 3 ? a : row[at + 1];
        int c = bands < 3 ? a : row[at + 2];
        int k = bands < 4 ? 0 : row[at + 3];
        switch (encoding) {
          case YCC -> planes.put(left + x, top + y, red(a, c), green(a, b, c), blue(a, b));
          case INVERTED_YCCK -> putCmyk(x, y, red(a, c), green(a, b, c), blue(a, b), 255 - k);
          case CMYK -> putCmyk(x, y, a, b, c, k);
          case INVERTED_CMYK -> putCmyk(x, y, 255 - a, 255 - b, 255 - c, 255 - k);
          default -> planes.put(left + x, top + y, a, b, c);
        }
      }
    }
  }

  private void putIndexed(Raster raster, IndexColorModel palette) {
    int[] colors = new int[palette.getMapSize()];
    palette.getRGBs(colors);
    int[] row = new int[raster.getWidth()];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, row.length, 1, row);
      for (int x = 0; x < row.length; x++) {
        int argb = row[x] < colors.length ? colors[row[x]] : 0xff000000;
        planes.put(
            left + x, top + y, (argb >> 16) & 0xff, (argb >> 8) & 0xff, argb & 0xff, argb >>> 24);
      }
    }
  }

  private void putComponents(Raster raster, ColorModel colors) {
    int bands = raster.getNumBands();
    boolean alpha = colors.hasAlpha();
    int second = bands - (alpha ? 1 : 0) >= 3 ? 1 : 0; // of grey, all three are the first
    int[] row = new int[raster.getWidth() * bands];
    for (int y = 0; y < raster.getHeight(); y++) {
      row(raster, y, row);
      for (int x = 0; x < raster.getWidth(); x++) {
        int at = x * bands;
        int red = row[at];
        int green = row[at + second];
        int blue = row[at + 2 * second];
        int opacity = alpha ? row[at + bands - 1] : 255;
        if (colors.isAlphaPremultiplied() && opacity > 0) {
          red = Math.min(255, red * 255 / opacity);
          green = Math.min(255, green * 255 / opacity);
          blue = Math.min(255, blue * 255 / opacity);
        }
        planes.put(left + x, top + y, red, green, blue, opacity);
      }
    }
  }

  private void putCmyk(int x, int y, int cyan, int magenta, int yellow, int black) {
    int light = 255 - black;
    planes.put(
        left + x,
        top + y,
        light - scaled(cyan, light),
        light - scaled(magenta, light),
        light - scaled(yellow, light));
  }

  private static int scaled(int ink, int light) {
    return (ink * light + 127) / 255;
  }

  /** ITU-R BT.601 in the fixed point of the Independent JPEG Group's library. */
  private static int red(int luma, int cr) {
    return clamp(luma + ((91881 * (cr - 128) + HALF) >> 16));
  }

  private static int green(int luma, int cb, int cr) {
    return clamp(luma + ((-22554 * (cb - 128) - 46802 * (cr - 128) + HALF) >> 16));
  }

  private static int blue(int luma, int cb) {
    return clamp(luma + ((116130 * (cb - 128) + HALF) >> 16));
  }

  private static int clamp(int value) {
    return Math.min(255, Math.max(0, value));
  }

  /** Samples of one row, brought to 8 bits. */
  private static void row(Raster raster, int y, int[] row) {
    if (raster.getSampleModel() instanceof PixelInterleavedSampleModel pixels
        && raster.getDataBuffer() instanceof DataBufferByte bytes) {
      row(raster, pixels, bytes, y, row);
      return;
    }
    raster.getPixels(0, y, raster.getWidth(), 1, row);
    int bands = raster.getNumBands();
    for (int band = 0; band < bands; band++) {
      int bits = raster.getSampleModel().getSampleSize(band);
      if (bits == Byte.SIZE) {
        continue;
      }
      int largest = (1 << bits) - 1;
      for (int at = band; at < row.length; at += bands) {
        row[at] = bits == Short.SIZE ? row[at] >> Byte.SIZE : row[at] * 255 / largest;
      }
    }
  }

  /** What nearly all files decode to, read many times faster than through the raster. */
  private static void row(
      Raster raster, PixelInterleavedSampleModel pixels, DataBufferByte bytes, int y, int[] row) {
    byte[] data = bytes.getData();
    int step = pixels.getPixelStride();
    int bands = raster.getNumBands();
    int start =
        bytes.getOffset()
            + (y - raster.getSampleModelTranslateY()) * pixels.getScanlineStride()
            - raster.getSampleModelTranslateX() * step;
    for (int band = 0; band < bands; band++) {
      int from = start + pixels.getBandOffsets()[band];
      for (int at = band; at < row.length; at += bands, from += step) {
        row[at] = data[from] & 0xff;
      }
    }
  }
}
