package io.github.flinkexecutorch.llm.image;

import static io.github.flinkexecutorch.llm.image.ImageFormat.TIFF;

import io.github.flinkexecutorch.llm.image.ImageFile.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Tagged Image File Format 6.0: the first page; and the orientation that Exif keeps in the same
 * form.
 *
 * <p>The decoder gets a copy without the link to further pages and without the tags that no pixel
 * depends on, since it would follow all of them.
 */
final class TiffFile {
  private static final int ENTRY_LENGTH = 12;
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS_PER_SAMPLE = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int FILL_ORDER = 266;
  private static final int STRIP_OFFSETS = 273;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES_PER_PIXEL = 277;
  private static final int ROWS_PER_STRIP = 278;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int PLANAR_CONFIGURATION = 284;
  private static final int T4_OPTIONS = 292;
  private static final int T6_OPTIONS = 293;
  private static final int PREDICTOR = 317;
  private static final int COLOR_MAP = 320;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;
  private static final Set<Integer> KEPT =
      Set.of(
          WIDTH,
          HEIGHT,
          BITS_PER_SAMPLE,
          COMPRESSION,
          PHOTOMETRIC,
          FILL_ORDER,
          STRIP_OFFSETS,
          SAMPLES_PER_PIXEL,
          ROWS_PER_STRIP,
          STRIP_BYTE_COUNTS,
          PLANAR_CONFIGURATION,
          T4_OPTIONS,
          T6_OPTIONS,
          PREDICTOR,
          COLOR_MAP,
          TILE_WIDTH,
          TILE_HEIGHT,
          TILE_OFFSETS,
          TILE_BYTE_COUNTS,
          EXTRA_SAMPLES,
          SAMPLE_FORMAT);

  /** An unknown tag, which decoders pass over. */
  private static final short IGNORED = (short) 0xfffe;

  /** None, CCITT, LZW, deflate and PackBits; not JPEG, whose own header could claim any size. */
  private static final Set<Integer> COMPRESSIONS = Set.of(1, 2, 3, 4, 5, 8, 32773, 32946);

  private static final Set<Integer> BITS = Set.of(1, 2, 4, 8, 16);
  private static final int MOST_SAMPLES = 4;
  private static final int MOST_COLORS = 1 << 16;
  private static final int CMYK = 5;
  private static final int LAST_PHOTOMETRIC = 5;
  private static final int UNSIGNED = 1;
  private static final int LARGEST_TILE = 1 << 22;

  private final ByteBuffer file; // our own copy
  private final Map<Integer, Integer> places = new HashMap<>(); // of entries, by tag

  private TiffFile(ByteBuffer file) {
    this.file = file;
    int directory = file.getInt(4);
    int entries = file.getShort(directory) & 0xffff;
    for (int entry = 0; entry < entries; entry++) {
      int place = directory + 2 + ENTRY_LENGTH * entry;
      places.putIfAbsent(file.getShort(place) & 0xffff, place);
      if (!KEPT.contains(file.getShort(place) & 0xffff)
          && (file.getShort(place) & 0xffff) != ORIENTATION) {
        file.putShort(place, IGNORED).putShort(place + 2, (short) 1).putInt(place + 4, 1);
      } else {
        requireInside(place);
      }
    }
    file.putInt(directory + 2 + ENTRY_LENGTH * entries, 0); // no further pages
  }

  static ImageFile read(ByteBuffer original, ImageLimits limits) {
    TiffFile tiff = new TiffFile(copyInOrder(original));
    long width = tiff.required(WIDTH);
    long height = tiff.required(HEIGHT);
    limits.requireSize(TIFF, width, height);
    tiff.requireReadable(width, height);
    boolean cmyk = tiff.value(PHOTOMETRIC, 1) == CMYK;
    return ImageFile.of(TIFF, (int) width, (int) height, tiff.orientation(), tiff.file)
        .with(cmyk ? Encoding.CMYK : Encoding.AS_DECODED);
  }

  /**
   * The orientation of an Exif block, 1 to 8; 1 if the block has none or is damaged, for that is no
   * reason to refuse an image.
   */
  static int orientation(ByteBuffer exif) {
    try {
      ByteBuffer tiff = inOrder(exif);
      int directory = tiff.getInt(4);
      int entries = tiff.getShort(directory) & 0xffff;
      for (int entry = 0; entry < entries; entry++) {
        int place = directory + 2 + ENTRY_LENGTH * entry;
        if (tiff.getShort(place) == ORIENTATION) {
          return clamp(tiff.getShort(place + 8) & 0xffff);
        }
      }
      return 1;
    } catch (IndexOutOfBoundsException e) {
      return 1;
    }
  }

  private int orientation() {
    return clamp(value(ORIENTATION, 1));
  }

  private static int clamp(long orientation) {
    return orientation >= 1 && orientation <= 8 ? (int) orientation : 1;
  }

  private void requireReadable(long width, long height) {
    require(COMPRESSIONS.contains((int) value(COMPRESSION, 1)), "compression", COMPRESSION);
    require(value(PHOTOMETRIC, 1) <= LAST_PHOTOMETRIC, "color space", PHOTOMETRIC);
    require(BITS.contains((int) value(BITS_PER_SAMPLE, 1)), "sample size", BITS_PER_SAMPLE);
    require(value(SAMPLE_FORMAT, UNSIGNED) == UNSIGNED, "sample format", SAMPLE_FORMAT);
    long samples = value(SAMPLES_PER_PIXEL, 1);
    require(samples >= 1 && samples <= MOST_SAMPLES, "samples per pixel", SAMPLES_PER_PIXEL);
    require(count(BITS_PER_SAMPLE) <= MOST_SAMPLES, "sample size", BITS_PER_SAMPLE);
    require(count(COLOR_MAP) <= 3 * MOST_COLORS, "palette size", COLOR_MAP);
    if (places.containsKey(TILE_WIDTH)) {
      long tile = value(TILE_WIDTH, 0) * value(TILE_HEIGHT, 0);
      require(tile >= 1 && tile <= Math.max(LARGEST_TILE, 4 * width * height), "tile", TILE_WIDTH);
    }
    if (value(ROWS_PER_STRIP, 0) > height) { // often 2^32 - 1
      int place = places.get(ROWS_PER_STRIP);
      file.putShort(place + 2, (short) 4).putInt(place + 8, (int) height);
    }
  }

  private void require(boolean supported, String what, int tag) {
    if (!supported) {
      throw ImageFile.unusable(TIFF, "its " + what + " (" + value(tag, 0) + ") is not supported");
    }
  }

  private void requireInside(int place) {
    long bytes = Integer.toUnsignedLong(file.getInt(place + 4)) * unit(place);
    long end = Integer.toUnsignedLong(file.getInt(place + 8)) + bytes;
    if (bytes > 4 && end > file.limit()) {
      throw ImageFile.unusable(TIFF, "it is truncated");
    }
  }

  private int unit(int place) {
    return switch (file.getShort(place + 2)) {
      case 3, 8 -> Short.BYTES;
      case 4, 9, 11, 13 -> Integer.BYTES;
      case 5, 10, 12 -> Long.BYTES;
      default -> 1;
    };
  }

  private long count(int tag) {
    Integer place = places.get(tag);
    return place == null ? 0 : Integer.toUnsignedLong(file.getInt(place + 4));
  }

  private long required(int tag) {
    if (!places.containsKey(tag)) {
      throw ImageFile.unusable(TIFF, "it does not say its size");
    }
    return value(tag, 0);
  }

  /** The first number of a tag. */
  private long value(int tag, long absent) {
    Integer place = places.get(tag);
    if (place == null) {
      return absent;
    }
    int unit = unit(place);
    boolean inline = count(tag) * unit <= 4;
    int at = inline ? place + 8 : file.getInt(place + 8);
    return switch (unit) {
      case Short.BYTES -> file.getShort(at) & 0xffff;
      case Integer.BYTES -> Integer.toUnsignedLong(file.getInt(at));
      default -> file.get(at) & 0xff;
    };
  }

  private static ByteBuffer copyInOrder(ByteBuffer original) {
    ByteBuffer copy = ByteBuffer.allocate(original.limit());
    return inOrder(copy.put(original.duplicate()).flip());
  }

  private static ByteBuffer inOrder(ByteBuffer tiff) {
    ByteOrder order = tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    return tiff.duplicate().order(order);
  }
}
