package io.github.flinkexecutorch.connector;

import org.apache.flink.annotation.PublicEvolving;

/**
 * An image of a request: named, encoded, or as pixels. {@link ImageReading} makes the last of the
 * first two, and pixels that are prepared for the model of any.
 *
 * @param reference where the image is: a path below one of {@link ExecuTorchOptions#IMAGE_ROOTS}, a
 *     URI of a file system of Flink's, or a URL; kept once it is read, {@code null} for one that
 *     came as bytes or pixels
 * @param encoded content of the image's file, {@code null} for one that is named or read
 * @param width width of {@code pixels}, 0 without
 * @param height height of {@code pixels}, 0 without
 * @param pixels red, green and blue of each pixel, a byte each, row by row from the top left;
 *     {@code null} until it is read
 * @param sourceWidth width of the whole image that the pixels were prepared from, as it was decoded
 *     and turned upright; 0 as long as they are not prepared
 * @param sourceHeight height of the whole image, 0 as above
 * @param thumbnail the whole image as a small JPEG, where {@link ExecuTorchOptions#IMAGE_THUMBNAIL}
 *     asks for it, else {@code null}
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // Flink serializes plain arrays without Kryo
public record RequestImage(
    String reference,
    byte[] encoded,
    int width,
    int height,
    byte[] pixels,
    int sourceWidth,
    int sourceHeight,
    byte[] thumbnail) {

  public RequestImage {
    if (reference == null && encoded == null && pixels == null) {
      throw new IllegalArgumentException("An image needs a reference, a content or pixels.");
    }
    if (pixels != null && (width < 1 || height < 1 || pixels.length != 3L * width * height)) {
      throw new IllegalArgumentException(
          "An image of %d x %d pixels needs 3 bytes for each; got %d."
              .formatted(width, height, pixels.length));
    }
  }

  /** An image to be looked up. */
  public static RequestImage ofReference(String reference) {
    return new RequestImage(reference, null, 0, 0, null, 0, 0, null);
  }

  /** An image as its file has it: PNG, JPEG, WebP, GIF, BMP or TIFF. */
  public static RequestImage ofBytes(byte[] encoded) {
    return new RequestImage(null, encoded, 0, 0, null, 0, 0, null);
  }

  /** An image of any size, decoded: {@code 3 * width * height} bytes of RGB, row by row. */
  public static RequestImage ofPixels(byte[] pixels, int width, int height) {
    return new RequestImage(null, null, width, height, pixels, 0, 0, null);
  }

  /** Whether the pixels are what the model's preprocessing leaves of the image. */
  boolean isPrepared() {
    return pixels != null && sourceWidth > 0;
  }

  /** Sizes only: images and where they are kept are user data. */
  @Override
  public String toString() {
    if (pixels != null) {
      return "RequestImage[" + width + " x " + height + " pixels]";
    }
    return "RequestImage["
        + (encoded == null ? "a reference" : encoded.length + " encoded bytes")
        + "]";
  }
}
