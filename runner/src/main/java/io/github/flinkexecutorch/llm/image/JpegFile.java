package io.github.flinkexecutorch.llm.image;

import static io.github.flinkexecutorch.llm.image.ImageFormat.JPEG;

import io.github.flinkexecutorch.llm.image.ImageFile.Encoding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** JPEG (ITU-T T.81), baseline and progressive, in JFIF, Exif and Adobe files. */
final class JpegFile {
  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int SOF15 = 0xcf;
  private static final int DHT = 0xc4;
  private static final int JPG = 0xc8;
  private static final int DAC = 0xcc;
  private static final int RST0 = 0xd0;
  private static final int RST7 = 0xd7;
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int APP15 = 0xef;
  private static final int COM = 0xfe;
  private static final byte[] EXIF = ascii("Exif\0\0");
  private static final byte[] ADOBE = ascii("Adobe");
  private static final byte[] JFIF = ascii("JFIF\0");

  /** Encoders write about ten; each costs a pass over all of the image. */
  private static final int MOST_SCANS = 100;

  private final ByteBuffer file;
  private final ByteBuffer kept;
  private int width;
  private int height;
  private int components;
  private String componentIds = "";
  private int orientation = 1;
  private boolean jfif;
  private int adobeTransform = -1; // no Adobe marker
  private int scans;

  private JpegFile(ByteBuffer file) {
    this.file = file;
    this.kept = ByteBuffer.allocate(file.limit());
  }

  static ImageFile read(ByteBuffer file, ImageLimits limits) {
    JpegFile jpeg = new JpegFile(file);
    jpeg.walk(limits);
    return ImageFile.of(JPEG, jpeg.width, jpeg.height, jpeg.orientation, jpeg.kept.flip())
        .with(jpeg.encoding());
  }

  private void walk(ImageLimits limits) {
    kept.put(file.slice(0, 2));
    int at = 2;
    while (true) {
      at = nextMarker(at);
      int marker = file.get(at + 1) & 0xff;
      if (marker == EOI) {
        kept.put(file.slice(at, 2));
        break;
      }
      if (marker == SOI || (marker >= RST0 && marker <= RST7)) {
        throw ImageFile.unusable(JPEG, "it has a marker out of place");
      }
      int length = 2 + (file.getShort(at + 2) & 0xffff);
      ByteBuffer segment = file.slice(at, length);
      if (marker >= APP0 && marker <= APP15) {
        readApplication(marker, segment.slice(4, length - 4));
      } else if (isFrame(marker)) {
        readFrame(marker, segment.slice(4, length - 4), limits);
      }
      if (marker == SOS) {
        length = endOfScan(at + length) - at;
        segment = file.slice(at, length);
      }
      if (marker != COM && (marker < APP0 || marker > APP15)) {
        kept.put(segment);
      }
      at += length;
    }
    if (components == 0 || scans == 0) {
      throw ImageFile.unusable(JPEG, "it has no image data");
    }
  }

  /** Decoders skip bytes between segments, and so do we. */
  private int nextMarker(int from) {
    for (int at = from; at < file.limit() - 1; at++) {
      int next = file.get(at + 1) & 0xff;
      if (file.get(at) == (byte) 0xff && next != 0 && next != 0xff) {
        return at;
      }
    }
    throw ImageFile.unusable(JPEG, "it is truncated");
  }

  /** Entropy-coded data runs up to a marker that is no restart marker. */
  private int endOfScan(int from) {
    if (++scans > MOST_SCANS) {
      throw ImageFile.unusable(JPEG, "it has more than " + MOST_SCANS + " scans");
    }
    int at = nextMarker(from);
    while ((file.get(at + 1) & 0xff) >= RST0 && (file.get(at + 1) & 0xff) <= RST7) {
      at = nextMarker(at + 2);
    }
    return at;
  }

  private static boolean isFrame(int marker) {
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
  }

  private void readFrame(int marker, ByteBuffer frame, ImageLimits limits) {
    if (marker > SOF2) {
      throw ImageFile.unusable(JPEG, "its coding process " + (marker - SOF0) + " is not supported");
    }
    if (components != 0) {
      throw ImageFile.unusable(JPEG, "it has a second frame header");
    }
    if (frame.get(0) != Byte.SIZE) {
      throw ImageFile.unusable(JPEG, "it has " + frame.get(0) + " bits per sample, not 8");
    }
    height = frame.getShort(1) & 0xffff;
    width = frame.getShort(3) & 0xffff;
    limits.requireSize(JPEG, width, height);
    components = frame.get(5);
    if (components != 1 && components != 3 && components != 4) {
      throw ImageFile.unusable(JPEG, "it has " + components + " components, not 1, 3 or 4");
    }
    StringBuilder ids = new StringBuilder();
    for (int component = 0; component < components; component++) {
      ids.append((char) (frame.get(6 + 3 * component) & 0xff));
    }
    componentIds = ids.toString();
  }

  private void readApplication(int marker, ByteBuffer content) {
    if (marker == APP0 && startsWith(content, JFIF)) {
      jfif = true;
    } else if (marker == APP1 && startsWith(content, EXIF)) {
      orientation = TiffFile.orientation(content.slice(EXIF.length, content.limit() - EXIF.length));
    } else if (marker == APP14 && startsWith(content, ADOBE) && content.limit() >= 12) {
      adobeTransform = content.get(11) & 0xff;
    }
  }

  /**
   * The rules of the Independent JPEG Group's library; and as Adobe's programs, which write nearly
   * all of such files, have ink inverted, it is taken to be so in every file.
   */
  private Encoding encoding() {
    return switch (components) {
      case 1 -> Encoding.AS_DECODED;
      case 3 -> isRgb() ? Encoding.RGB : Encoding.YCC;
      default -> adobeTransform == 2 ? Encoding.INVERTED_YCCK : Encoding.INVERTED_CMYK;
    };
  }

  private boolean isRgb() {
    if (jfif) {
      return false;
    }
    return adobeTransform >= 0 ? adobeTransform == 0 : componentIds.equals("RGB");
  }

  private static boolean startsWith(ByteBuffer content, byte[] start) {
    return content.limit() >= start.length
        && content.slice(0, start.length).equals(ByteBuffer.wrap(start));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
