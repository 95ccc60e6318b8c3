package io.github.flinkexecutorch.llm.image;

import java.util.Arrays;

/**
 * Resizes images of unsigned bytes as Pillow does, to the bit: the filter is widened when shrinking
 * (antialias), weights are integers of 22 fraction bits, rows are filtered before columns and
 * rounded in between. (From version 13 on, Pillow filters columns first where that is faster;
 * values then differ by 1 at most.)
 */
final class Resizer {
  private static final int PRECISION_BITS = Integer.SIZE - Byte.SIZE - 2;

  /** So many rows are filtered side by side. */
  private static final int BLOCK = 256;

  private Resizer() {}

  static Image resize(Image image, int width, int height, Resample filter) {
    if (width == image.width() && height == image.height()) {
      return image;
    }
    byte[] data = image.uint8Data();
    if (filter == Resample.NEAREST) {
      data = nearest(image, width, height);
    } else {
      if (width != image.width()) {
        data = resizeRows(data, Weights.of(image.width(), width, filter), image.width());
      }
      if (height != image.height()) {
        data =
            resizeColumns(data, Weights.of(image.height(), height, filter), image.height(), width);
      }
    }
    return Image.ofBytes(data, width, height, image.channels());
  }

  private static byte[] nearest(Image image, int width, int height) {
    byte[] from = image.uint8Data();
    byte[] to = new byte[image.channels() * height * width];
    int[] columns = nearest(image.width(), width);
    int[] rows = nearest(image.height(), height);
    for (int row = 0, at = 0; row < image.channels() * height; row++) {
      int source = (row / height * image.height() + rows[row % height]) * image.width();
      for (int column : columns) {
        to[at++] = from[source + column];
      }
    }
    return to;
  }

  /** Where each pixel comes from; steps are added up, so that ties fall as they do in Pillow. */
  private static int[] nearest(int from, int to) {
    double scale = (double) from / to;
    int[] sources = new int[to];
    double at = scale * 0.5;
    for (int i = 0; i < to; i++, at += scale) {
      sources[i] = Math.min(from - 1, (int) at);
    }
    return sources;
  }

  /**
   * Filters a block of rows at a time, laid out column after column: the JIT then makes vectors of
   * the innermost loop.
   */
  private static byte[] resizeRows(byte[] from, Weights[] weights, int fromWidth) {
    int rows = from.length / fromWidth; // of all channels
    byte[] to = new byte[rows * weights.length];
    int[] columns = new int[fromWidth * Math.min(rows, BLOCK)];
    int[] sums = new int[Math.min(rows, BLOCK)];
    for (int first = 0; first < rows; first += BLOCK) {
      int block = Math.min(BLOCK, rows - first);
      for (int row = 0; row < block; row++) {
        for (int x = 0, at = (first + row) * fromWidth; x < fromWidth; x++, at++) {
          columns[x * block + row] = from[at] & 0xff;
        }
      }
      for (int x = 0; x < weights.length; x++) {
        weights[x].sum(columns, sums, block);
        for (int row = 0; row < block; row++) {
          to[(first + row) * weights.length + x] = rounded(sums[row]);
        }
      }
    }
    return to;
  }

  private static byte[] resizeColumns(byte[] from, Weights[] weights, int fromHeight, int width) {
    int plane = fromHeight * width;
    int channels = from.length / plane;
    byte[] to = new byte[channels * weights.length * width];
    int[] rows = new int[plane];
    int[] sums = new int[width];
    int at = 0;
    for (int channel = 0; channel < channels; channel++) {
      for (int i = 0; i < plane; i++) {
        rows[i] = from[channel * plane + i] & 0xff;
      }
      for (Weights row : weights) {
        row.sum(rows, sums, width);
        for (int x = 0; x < width; x++) {
          to[at++] = rounded(sums[x]);
        }
      }
    }
    return to;
  }

  private static byte rounded(int sum) {
    return (byte) Math.min(255, Math.max(0, sum >> PRECISION_BITS));
  }

  /** What one pixel of the result takes of the pixels from {@code first} on. */
  private static final class Weights {
    private final int first;
    private final int[] weights;

    private Weights(int first, int[] weights) {
      this.first = first;
      this.weights = weights;
    }

    static Weights[] of(int from, int to, Resample filter) {
      double scale = (double) from / to;
      double filterScale = Math.max(scale, 1);
      double support = filter.support() * filterScale;
      Weights[] all = new Weights[to];
      for (int i = 0; i < to; i++) {
        double center = (i + 0.5) * scale;
        int first = Math.max(0, (int) (center - support + 0.5));
        int end = Math.min(from, (int) (center + support + 0.5));
        double[] exact = new double[end - first];
        double total = 0;
        for (int k = 0; k < exact.length; k++) {
          exact[k] = filter.weight((k + first - center + 0.5) * (1 / filterScale));
          total += exact[k];
        }
        int[] rounded = new int[exact.length];
        for (int k = 0; k < exact.length; k++) {
          double weight = (total == 0 ? exact[k] : exact[k] / total) * (1 << PRECISION_BITS);
          rounded[k] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
        all[i] = new Weights(first, rounded);
      }
      return all;
    }

    /** Of {@code width} lines of pixels side by side, each pixel {@code width} after the last. */
    void sum(int[] lines, int[] sums, int width) {
      Arrays.fill(sums, 0, width, 1 << (PRECISION_BITS - 1));
      int at = first * width;
      for (int weight : weights) {
        for (int i = 0; i < width; i++) {
          sums[i] += weight * lines[at + i];
        }
        at += width;
      }
    }
  }
}
