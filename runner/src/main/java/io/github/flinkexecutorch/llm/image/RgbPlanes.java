package io.github.flinkexecutorch.llm.image;

import java.util.Arrays;

/**
 * Planes of red, green and blue that pixels are put into at their final place: turned as Exif says,
 * transparency composited over the background.
 */
final class RgbPlanes {
  private final int width;
  private final int height;
  private final int origin;
  private final int stepX;
  private final int stepY;
  private final int plane;
  private final byte[] data;
  private final int background;

  /**
   * @param width of the image as encoded
   * @param height of the image as encoded
   * @param orientation Exif's number: where the encoded first row and column belong
   * @param background 0xRRGGBB
   */
  RgbPlanes(int width, int height, int orientation, int background) {
    boolean swapped = orientation >= 5;
    this.width = swapped ? height : width;
    this.height = swapped ? width : height;
    boolean fromRight = swapped ? orientation == 6 || orientation == 7 : oneOf(orientation, 2, 3);
    boolean fromBelow = swapped ? orientation == 7 || orientation == 8 : oneOf(orientation, 3, 4);
    int across = fromRight ? -1 : 1;
    int down = fromBelow ? -this.width : this.width;
    this.stepX = swapped ? down : across;
    this.stepY = swapped ? across : down;
    this.origin =
        (fromRight ? this.width - 1 : 0) + (fromBelow ? (this.height - 1) * this.width : 0);
    this.plane = width * height;
    this.data = new byte[3 * plane];
    this.background = background;
    for (int channel = 0; channel < 3; channel++) {
      Arrays.fill(
          data, channel * plane, (channel + 1) * plane, (byte) (background >> (16 - 8 * channel)));
    }
  }

  void put(int x, int y, int red, int green, int blue) {
    int at = origin + x * stepX + y * stepY;
    data[at] = (byte) red;
    data[at + plane] = (byte) green;
    data[at + 2 * plane] = (byte) blue;
  }

  void put(int x, int y, int red, int green, int blue, int alpha) {
    if (alpha == 255) {
      put(x, y, red, green, blue);
      return;
    }
    put(
        x,
        y,
        over(red, (background >> 16) & 0xff, alpha),
        over(green, (background >> 8) & 0xff, alpha),
        over(blue, background & 0xff, alpha));
  }

  Image toImage() {
    return Image.ofBytes(data, width, height, 3);
  }

  /** Rounded to the nearest. */
  private static int over(int above, int below, int alpha) {
    return (above * alpha + below * (255 - alpha) + 127) / 255;
  }

  private static boolean oneOf(int value, int first, int second) {
    return value == first || value == second;
  }
}
