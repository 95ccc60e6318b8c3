package io.github.flinkexecutorch.connector;

import io.github.flinkexecutorch.llm.image.Image;

/** Between the layout of a request's pixels, RGB row by row, and planes of channels. */
final class RgbRows {
  private static final int CHANNELS = 3;

  private RgbRows() {}

  static Image toPlanes(RequestImage image) {
    byte[] rows = image.pixels();
    int plane = image.width() * image.height();
    byte[] planes = new byte[rows.length];
    for (int pixel = 0; pixel < plane; pixel++) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        planes[channel * plane + pixel] = rows[CHANNELS * pixel + channel];
      }
    }
    return Image.ofBytes(planes, image.width(), image.height(), CHANNELS);
  }

  /** The pixels of an image of three channels of unsigned bytes. */
  static byte[] of(Image image) {
    byte[] planes = image.uint8Data();
    int plane = image.width() * image.height();
    byte[] rows = new byte[planes.length];
    for (int pixel = 0; pixel < plane; pixel++) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        rows[CHANNELS * pixel + channel] = planes[channel * plane + pixel];
      }
    }
    return rows;
  }
}
