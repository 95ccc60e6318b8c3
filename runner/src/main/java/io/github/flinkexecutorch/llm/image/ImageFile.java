package io.github.flinkexecutorch.llm.image;

import io.github.flinkexecutorch.llm.InvalidRequestException;
import io.github.flinkexecutorch.llm.InvalidRequestException.Reason;
import java.nio.ByteBuffer;

/**
 * The first frame of a file: its header, checked, and the bytes that a decoder needs for it.
 *
 * <p>Everything else is left out on the way: later frames, color profiles, comments and thumbnails.
 * Decoders would inflate, follow or allocate by it, and no pixel depends on it.
 *
 * @param width pixels of the frame
 * @param height pixels of the frame
 * @param content what the decoder gets
 */
record ImageFile(
    ImageFormat format,
    int width,
    int height,
    Placement placement,
    int orientation,
    Encoding encoding,
    ByteBuffer content) {

  /** What the decoder's samples mean where it does not say so itself. */
  enum Encoding {
    AS_DECODED,
    RGB,
    YCC,
    CMYK,
    INVERTED_CMYK,
    INVERTED_YCCK
  }

  /** Where the frame lies on a canvas that may be larger. */
  record Placement(int left, int top, int canvasWidth, int canvasHeight) {}

  static ImageFile of(
      ImageFormat format, int width, int height, int orientation, ByteBuffer content) {
    Placement alone = new Placement(0, 0, width, height);
    return new ImageFile(format, width, height, alone, orientation, Encoding.AS_DECODED, content);
  }

  ImageFile with(Encoding encoding) {
    return new ImageFile(format, width, height, placement, orientation, encoding, content);
  }

  ImageFile with(Placement placement) {
    return new ImageFile(format, width, height, placement, orientation, encoding, content);
  }

  static InvalidRequestException unusable(ImageFormat format, String why) {
    return new InvalidRequestException(
        Reason.IMAGE_DECODE, "The " + format + " image cannot be read: " + why);
  }
}
