package io.github.flinkexecutorch.llm.image;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Makes of a decoded image what a vision encoder takes: resized, cropped, padded, normalized, with
 * the arithmetic of the Hugging Face processors that run on Pillow and NumPy, to the bit.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class ImageProcessor {
  private static final int MOST_PIXELS = 32 << 20;

  private final ImageProcessorConfig config;

  public ImageProcessor(ImageProcessorConfig config) {
    this.config = config;
  }

  /**
   * One image for one image; the whole of it where the processor has tiles.
   *
   * @param image as decoded: three channels of unsigned bytes
   * @throws InvalidRequestException {@link Reason#IMAGE_TOO_LARGE} if it is so long and narrow that
   *     it would be scaled up beyond 32 Mi pixels
   */
  public Image process(Image image) {
    return normalize(fit(image));
  }

  /**
   * The first half of {@link #process}: padded, resized and cropped to what the encoder takes, but
   * still red, green and blue in unsigned bytes, a quarter of the floats that they become.
   *
   * @param image as decoded: three channels of unsigned bytes
   * @throws InvalidRequestException as {@link #process}
   */
  public Image fit(Image image) {
    Image resized = resize(config.padToSquare() ? square(image) : image);
    int tile = config.tile();
    return tile == 0 ? crop(resized) : resize(resized, tile, tile);
  }

  /**
   * Scales the image up to a multiple of the tile on both sides and cuts it. An image of one tile
   * stays whole, and so does every image where the processor does not split.
   *
   * @param image as decoded: three channels of unsigned bytes
   * @throws InvalidRequestException as {@link #process}
   */
  public ImageTiles split(Image image) {
    if (!config.splits()) {
      return new ImageTiles(0, 0, List.of(process(image)));
    }
    int tile = config.tile();
    Image whole = toTiles(resize(image), tile);
    boolean split = whole.width() > tile || whole.height() > tile;
    List<Image> images = new ArrayList<>();
    for (int y = 0; split && y < whole.height(); y += tile) {
      for (int x = 0; x < whole.width(); x += tile) {
        images.add(normalize(window(whole, x, y, tile, tile, 0)));
      }
    }
    images.add(normalize(resize(whole, tile, tile)));
    return new ImageTiles(
        split ? whole.height() / tile : 0, split ? whole.width() / tile : 0, images);
  }

  private Image toTiles(Image image, int tile) {
    double aspect = (double) image.width() / image.height();
    boolean wide = image.width() >= image.height();
    int longest = multiple(Math.max(image.width(), image.height()), tile);
    int other = multiple((int) (wide ? longest / aspect : longest * aspect), tile);
    return resize(image, wide ? longest : other, wide ? other : longest);
  }

  private Image resize(Image image) {
    int width = image.width();
    int height = image.height();
    boolean wide = width >= height;
    return switch (config.fit()) {
      case NONE -> image;
      case STRETCH -> resize(image, config.width(), config.height());
      case LETTERBOX, LETTERBOX_TOP_LEFT -> letterbox(image);
      case LONGEST_EDGE -> {
        double aspect = (double) width / height;
        int other = (int) (wide ? config.width() / aspect : config.width() * aspect);
        int even = Math.max(1, other + other % 2);
        yield resize(image, wide ? config.width() : even, wide ? even : config.width());
      }
      case SHORTEST_EDGE -> {
        int longest = shortestTo(config.width(), Math.max(width, height), Math.min(width, height));
        yield resize(image, wide ? longest : config.width(), wide ? config.width() : longest);
      }
    };
  }

  private Image resize(Image image, int width, int height) {
    requireFeasible(image, width, height);
    return Resizer.resize(image, width, height, config.resample());
  }

  private Image letterbox(Image image) {
    double scale =
        Math.min(
            (double) config.width() / image.width(), (double) config.height() / image.height());
    int width = Math.min(config.width(), (int) Math.max(1, Math.round(image.width() * scale)));
    int height = Math.min(config.height(), (int) Math.max(1, Math.round(image.height() * scale)));
    boolean centered = config.fit() == Fit.LETTERBOX;
    return window(
        resize(image, width, height),
        centered ? -((config.width() - width) / 2) : 0,
        centered ? -((config.height() - height) / 2) : 0,
        config.width(),
        config.height(),
        config.padColor());
  }

  private Image square(Image image) {
    int side = Math.max(image.width(), image.height());
    requireFeasible(image, side, side);
    int left = (side - image.width()) / 2;
    int top = (side - image.height()) / 2;
    return window(image, -left, -top, side, side, config.padColor());
  }

  private Image crop(Image image) {
    int width = config.cropWidth();
    int height = config.cropHeight();
    if (width == 0) {
      return image;
    }
    return window(
        image, middle(image.width(), width), middle(image.height(), height), width, height, 0);
  }

  /** Where a crop starts: rounded down inside the image, padded more before it than after. */
  private static int middle(int size, int crop) {
    return size >= crop ? (size - crop) / 2 : -((crop - size + 1) / 2);
  }

  /** A part of the image; what lies outside of it has the color. */
  private static Image window(Image image, int left, int top, int width, int height, int color) {
    byte[] data = new byte[image.channels() * width * height];
    int from = Math.max(0, left);
    int length = Math.min(image.width(), left + width) - from;
    for (int channel = 0; channel < image.channels(); channel++) {
      byte fill = (byte) (color >> (16 - 8 * channel));
      Arrays.fill(data, channel * width * height, (channel + 1) * width * height, fill);
      for (int y = Math.max(0, -top); y < Math.min(height, image.height() - top); y++) {
        System.arraycopy(
            image.uint8Data(),
            (channel * image.height() + top + y) * image.width() + from,
            data,
            (channel * height + y) * width + from - left,
            length);
      }
    }
    return Image.ofBytes(data, width, height, image.channels());
  }

  /**
   * The second half of {@link #process}: the values and the order of channels that the encoder
   * takes.
   *
   * @param image as {@link #fit} leaves it
   */
  public Image normalize(Image image) {
    int plane = image.width() * image.height();
    byte[] from = image.uint8Data();
    byte[] bytes = config.uint8() ? new byte[from.length] : null;
    float[] floats = config.uint8() ? null : new float[from.length];
    for (int channel = 0; channel < 3; channel++) {
      int source = plane * (config.bgr() ? 2 - channel : channel);
      if (config.uint8()) {
        System.arraycopy(from, source, bytes, channel * plane, plane);
        continue;
      }
      float[] values = values(channel);
      for (int i = 0; i < plane; i++) {
        floats[channel * plane + i] = values[from[source + i] & 0xff];
      }
    }
    return config.uint8()
        ? Image.ofBytes(bytes, image.width(), image.height(), 3)
        : Image.ofFloats(floats, image.width(), image.height(), 3);
  }

  /**
   * As {@link #normalize}, but each time that the values of the result are asked for: an image that
   * waits for its encoder holds no floats.
   *
   * @param width of the image that {@code fitted} gives
   * @param height of the same
   * @param fitted gives the image as {@link #fit} leaves it; from any thread
   */
  public Image normalizeLater(int width, int height, Supplier<Image> fitted) {
    return Image.later(width, height, 3, !config.uint8(), () -> normalize(fitted.get()));
  }

  /** What each byte becomes: rescaled in double precision, normalized in single, as NumPy does. */
  private float[] values(int channel) {
    float mean = config.mean().get(channel).floatValue();
    float std = config.std().get(channel).floatValue();
    float[] values = new float[256];
    for (int value = 0; value < values.length; value++) {
      values[value] = ((float) (value * config.rescaleFactor()) - mean) / std;
    }
    return values;
  }

  /** Java and Python divide the same, and both cut off the fraction. */
  private static int shortestTo(int target, int longest, int shortest) {
    return (int) Math.min(Integer.MAX_VALUE, (long) target * longest / shortest);
  }

  private static void requireFeasible(Image image, int width, int height) {
    if ((long) width * height > MOST_PIXELS) {
      throw new InvalidRequestException(
          Reason.IMAGE_TOO_LARGE,
          "An image of %d x %d pixels would become %d x %d for the encoder; the limit is %d pixels. Crop it to a less extreme shape"
              .formatted(image.width(), image.height(), width, height, MOST_PIXELS));
    }
  }

  private static int multiple(int value, int of) {
    return (value + of - 1) / of * of;
  }
}
