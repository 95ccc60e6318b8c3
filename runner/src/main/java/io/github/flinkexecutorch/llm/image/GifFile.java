package io.github.flinkexecutorch.llm.image;

import static io.github.flinkexecutorch.llm.image.ImageFormat.GIF;

import io.github.flinkexecutorch.llm.image.ImageFile.Placement;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Graphics Interchange Format: the first frame, on its canvas. */
final class GifFile {
  private static final int HEADER_LENGTH = 13;
  private static final int DESCRIPTOR_LENGTH = 10;
  private static final int EXTENSION = 0x21;
  private static final int GRAPHIC_CONTROL = 0xf9;
  private static final int IMAGE = 0x2c;
  private static final byte TRAILER = 0x3b;

  private GifFile() {}

  static ImageFile read(ByteBuffer bigEndian, ImageLimits limits) {
    ByteBuffer file = bigEndian.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer kept = ByteBuffer.allocate(file.limit() + 1);
    int at = HEADER_LENGTH + tableLength(file.get(10));
    kept.put(file.slice(0, at));
    while (file.get(at) == EXTENSION) {
      int end = endOfBlocks(file, at + 2);
      if ((file.get(at + 1) & 0xff) == GRAPHIC_CONTROL) {
        kept.put(file.slice(at, end - at));
      }
      at = end;
    }
    if (file.get(at) != IMAGE) {
      throw ImageFile.unusable(GIF, "it has no image");
    }
    int left = file.getShort(at + 1) & 0xffff;
    int top = file.getShort(at + 3) & 0xffff;
    int width = file.getShort(at + 5) & 0xffff;
    int height = file.getShort(at + 7) & 0xffff;
    int canvasWidth = Math.max(file.getShort(6) & 0xffff, left + width);
    int canvasHeight = Math.max(file.getShort(8) & 0xffff, top + height);
    limits.requireSize(GIF, width, height);
    limits.requireSize(GIF, canvasWidth, canvasHeight);
    int data = at + DESCRIPTOR_LENGTH + tableLength(file.get(at + 9)) + 1;
    kept.put(file.slice(at, endOfBlocks(file, data) - at));
    kept.put(TRAILER);
    return ImageFile.of(GIF, width, height, 1, kept.flip())
        .with(new Placement(left, top, canvasWidth, canvasHeight));
  }

  private static int tableLength(byte flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private static int endOfBlocks(ByteBuffer file, int from) {
    int at = from;
    while (at < file.limit() && file.get(at) != 0) {
      at += 1 + (file.get(at) & 0xff);
    }
    if (at >= file.limit()) {
      throw ImageFile.unusable(GIF, "it is truncated");
    }
    return at + 1;
  }
}
