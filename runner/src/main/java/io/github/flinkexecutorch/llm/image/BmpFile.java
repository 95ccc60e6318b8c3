package io.github.flinkexecutorch.llm.image;

import static io.github.flinkexecutorch.llm.image.ImageFormat.BMP;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/** Windows and OS/2 bitmaps, uncompressed, run-length encoded or with bit masks. */
final class BmpFile {
  private static final int CORE_HEADER = 12;
  private static final int INFO_HEADER = 40;
  private static final int LARGEST_HEADER = 124;
  private static final int MOST_COLORS = 256;
  private static final int INDEXED_BITS = 8;
  private static final Set<Integer> BITS = Set.of(1, 4, 8, 16, 24, 32);

  /** RGB, RLE8, RLE4 and bit masks; not the embedded JPEG and PNG that only printers take. */
  private static final int LAST_COMPRESSION = 3;

  private BmpFile() {}

  static ImageFile read(ByteBuffer bigEndian, ImageLimits limits) {
    ByteBuffer file = bigEndian.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int header = file.getInt(14);
    if (header != CORE_HEADER && (header < INFO_HEADER || header > LARGEST_HEADER)) {
      throw ImageFile.unusable(BMP, "its header has " + header + " bytes");
    }
    boolean core = header == CORE_HEADER;
    int width = core ? file.getShort(18) & 0xffff : file.getInt(18);
    long height = core ? file.getShort(20) & 0xffff : Math.abs((long) file.getInt(22));
    limits.requireSize(BMP, width, height);
    int bits = file.getShort(core ? 24 : 28);
    if (!BITS.contains(bits)) {
      throw ImageFile.unusable(BMP, "it has " + bits + " bits per pixel");
    }
    if (!core) {
      requireReadable(file, bits);
    }
    int offset = file.getInt(10);
    if (offset < CORE_HEADER || offset >= file.limit()) {
      throw ImageFile.unusable(BMP, "it is truncated");
    }
    return ImageFile.of(BMP, width, (int) height, 1, file);
  }

  private static void requireReadable(ByteBuffer file, int bits) {
    int compression = file.getInt(30);
    if (compression < 0 || compression > LAST_COMPRESSION) {
      throw ImageFile.unusable(BMP, "its compression " + compression + " is not supported");
    }
    int colors = file.getInt(46);
    if (bits <= INDEXED_BITS && (colors < 0 || colors > MOST_COLORS)) {
      throw ImageFile.unusable(BMP, "it has a palette of " + colors + " colors");
    }
  }
}
