package io.github.flinkexecutorch.llm.image;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;

/**
 * How large an encoded image may be. All limits are checked against its header, before a decoder
 * sees it.
 *
 * @param maxBytes largest file
 * @param maxWidth widest image
 * @param maxHeight highest image
 * @param maxPixels most pixels, width times height
 * @param maxFullPixels an image of more pixels than this is read with every second (third, …) row
 *     and column only, so that no more than this are held. Such pixels differ from a decoder's that
 *     resizes the full image; set it to {@code maxPixels} to always read all of them. A WebP image
 *     of more is refused
 */
public record ImageLimits(
    long maxBytes, int maxWidth, int maxHeight, long maxPixels, long maxFullPixels) {
  /**
   * 20 MiB, 16,384 pixels on a side, 64 Mi pixels, 24 Mi of them held: the photograph of a 24
   * megapixel camera is read in full. Reading the worst image within them takes some 300 MB of
   * heap.
   */
  public static final ImageLimits DEFAULTS =
      new ImageLimits(20L << 20, 1 << 14, 1 << 14, 64L << 20, 24L << 20);

  /** Above this, an array of three channels could not be indexed. */
  private static final long MOST_FULL_PIXELS = Integer.MAX_VALUE / 4;

  public ImageLimits {
    if (maxBytes < 1 || maxWidth < 1 || maxHeight < 1 || maxPixels < 1 || maxFullPixels < 1) {
      throw new IllegalArgumentException("Limits of images must be at least 1");
    }
    maxFullPixels = Math.min(maxFullPixels, MOST_FULL_PIXELS);
  }

  void requireBytes(long bytes) {
    if (bytes > maxBytes) {
      throw tooLarge("An image of " + bytes + " bytes", maxBytes + " bytes");
    }
  }

  void requireSize(ImageFormat format, long width, long height) {
    String image = "A " + format + " image of " + width + " x " + height + " pixels";
    if (width < 1 || height < 1) {
      throw new InvalidRequestException(Reason.IMAGE_DECODE, image + " has nothing to show");
    }
    if (width > maxWidth || height > maxHeight) {
      throw tooLarge(image, maxWidth + " x " + maxHeight + " pixels");
    }
    // A WebP decoder computes every pixel, whichever of them are wanted.
    long most = format == ImageFormat.WEBP ? Math.min(maxPixels, maxFullPixels) : maxPixels;
    if (width * height > most) {
      throw tooLarge(image, most + " pixels in all");
    }
  }

  /** Distance of the rows and columns to read. */
  int step(long width, long height) {
    int step = 1;
    while (((width + step - 1) / step) * ((height + step - 1) / step) > maxFullPixels) {
      step++;
    }
    return step;
  }

  private static InvalidRequestException tooLarge(String image, String limit) {
    return new InvalidRequestException(
        Reason.IMAGE_TOO_LARGE,
        image + " is too large; the limit is " + limit + ". Send a smaller image");
  }
}
