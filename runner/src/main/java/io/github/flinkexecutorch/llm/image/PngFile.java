package io.github.flinkexecutorch.llm.image;

import static io.github.flinkexecutorch.llm.image.ImageFormat.PNG;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** Portable Network Graphics (ISO/IEC 15948), APNG's default image included. */
final class PngFile {
  private static final int SIGNATURE_LENGTH = 8;
  private static final int CHUNK_OVERHEAD = 12;
  private static final int IHDR = 0x49484452;
  private static final int PLTE = 0x504c5445;
  private static final int TRNS = 0x74524e53;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454e44;
  private static final int EXIF = 0x65584966;

  private PngFile() {}

  static ImageFile read(ByteBuffer file, ImageLimits limits) {
    int width = file.getInt(SIGNATURE_LENGTH + 8);
    int height = file.getInt(SIGNATURE_LENGTH + 12);
    limits.requireSize(PNG, Integer.toUnsignedLong(width), Integer.toUnsignedLong(height));
    ByteBuffer kept = ByteBuffer.allocate(file.limit());
    kept.put(file.slice(0, SIGNATURE_LENGTH));
    int orientation = 1;
    int type = 0;
    for (int at = SIGNATURE_LENGTH; type != IEND; ) {
      int length = file.getInt(at);
      if (length < 0 || length > file.limit() - at - CHUNK_OVERHEAD) {
        throw ImageFile.unusable(PNG, "it is truncated");
      }
      type = file.getInt(at + 4);
      if ((at == SIGNATURE_LENGTH) != (type == IHDR)) {
        throw ImageFile.unusable(PNG, "its header is not its first chunk");
      }
      if (type == EXIF) {
        orientation = TiffFile.orientation(file.slice(at + 8, length));
      } else if (type == IHDR || type == PLTE || type == TRNS || type == IDAT || type == IEND) {
        requireChecksum(file, at, length);
        kept.put(file.slice(at, length + CHUNK_OVERHEAD));
      }
      at += length + CHUNK_OVERHEAD;
    }
    return ImageFile.of(PNG, width, height, orientation, kept.flip());
  }

  private static void requireChecksum(ByteBuffer file, int at, int length) {
    CRC32 checksum = new CRC32();
    checksum.update(file.slice(at + 4, length + 4));
    if ((int) checksum.getValue() != file.getInt(at + 8 + length)) {
      throw ImageFile.unusable(PNG, "the checksum at byte " + at + " does not fit its data");
    }
  }
}
