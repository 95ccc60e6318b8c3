package io.github.flinkexecutorch.llm.image;

/**
 * Resizes images of unsigned bytes as Pillow does, to the bit: the filter is widened when shrinking
 * (antialias), weights are integers of 22 fraction bits, rows are filtered before columns and
 * rounded in between. (From version 13 on, Pillow filters columns first where that is faster;
 * values then differ by 1 at most.)
 */
final class Resizer {
  private static final int PRECISION_BITS = Integer.SIZE - Byte.SIZE - 2;

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
        data = resizeRows(data, image.width(), width, filter);
      }
      if (height != image.height()) {
        data = resizeColumns(data, image.height(), width, height, filter);
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

  private static byte[] resizeRows(byte[] from, int fromWidth, int width, Resample filter) {
    Weights[] weights = Weights.of(fromWidth, width, filter);
    int rows = from.length / fromWidth; // of all channels
    byte[] to = new byte[rows * width];
    for (int row = 0; row < rows; row++) {
      for (int x = 0; x < width; x++) {
        to[row * width + x] = weights[x].sum(from, row * fromWidth, 1);
      }
    }
    return to;
  }

  private static byte[] resizeColumns(
      byte[] from, int fromHeight, int width, int height, Resample filter) {
    Weights[] weights = Weights.of(fromHeight, height, filter);
    int channels = from.length / fromHeight / width;
    byte[] to = new byte[channels * height * width];
    for (int channel = 0; channel < channels; channel++) {
      for (int y = 0; y < height; y++) {
        int row = (channel * height + y) * width;
        for (int x = 0; x < width; x++) {
          to[row + x] = weights[y].sum(from, channel * fromHeight * width + x, width);
        }
      }
    }
    return to;
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

    byte sum(byte[] from, int start, int step) {
      int sum = 1 << (PRECISION_BITS - 1);
      int at = start + first * step;
      for (int weight : weights) {
        sum += weight * (from[at] & 0xff);
        at += step;
      }
      return (byte) Math.min(255, Math.max(0, sum >> PRECISION_BITS));
    }
  }
}
