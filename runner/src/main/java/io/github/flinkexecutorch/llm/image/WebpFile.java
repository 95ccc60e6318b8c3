package io.github.flinkexecutorch.llm.image;

import static io.github.flinkexecutorch.llm.image.ImageFormat.WEBP;

import io.github.flinkexecutorch.llm.image.ImageFile.Placement;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** WebP (RFC 9649), lossy and lossless; of an animation the first frame, on its canvas. */
final class WebpFile {
  private static final int RIFF_HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int FRAME_HEADER = 16;
  private static final int ALPHA_FLAG = 0x10;
  private static final int LOSSLESS_SIGNATURE = 0x2f;
  private static final int START_CODE = 0x2a019d;
  private static final int RIFF = 0x46464952;
  private static final int WEBP_TYPE = 0x50424557;
  private static final int VP8X = 0x58385056;
  private static final int VP8 = 0x20385056;
  private static final int VP8L = 0x4c385056;
  private static final int ALPH = 0x48504c41;
  private static final int ANMF = 0x464d4e41;
  private static final int EXIF = 0x46495845;

  private final ByteBuffer file;
  private final ImageLimits limits;
  private ByteBuffer alpha;
  private ByteBuffer data;
  private int dataType;
  private Placement canvas;
  private int left;
  private int top;
  private int orientation = 1;

  private WebpFile(ByteBuffer file, ImageLimits limits) {
    this.file = file;
    this.limits = limits;
  }

  static ImageFile read(ByteBuffer bigEndian, ImageLimits limits) {
    WebpFile webp = new WebpFile(bigEndian.duplicate().order(ByteOrder.LITTLE_ENDIAN), limits);
    webp.readChunks(RIFF_HEADER, webp.file.limit());
    if (webp.data == null) {
      throw ImageFile.unusable(WEBP, "it has no image data");
    }
    return webp.dataType == VP8L ? webp.lossless() : webp.lossy();
  }

  private void readChunks(int from, int end) {
    for (int at = from; at <= end - CHUNK_HEADER; ) {
      int type = file.getInt(at);
      int length = file.getInt(at + 4);
      int content = at + CHUNK_HEADER;
      if (length < 0 || length > end - content) {
        throw ImageFile.unusable(WEBP, "it is truncated");
      }
      readChunk(type, content, length);
      at = content + length + (length & 1);
    }
  }

  private void readChunk(int type, int at, int length) {
    switch (type) {
      case VP8X -> {
        int width = 1 + (file.getInt(at + 4) & 0xffffff);
        int height = 1 + (file.getInt(at + 6) >>> 8);
        limits.requireSize(WEBP, width, height);
        canvas = new Placement(0, 0, width, height);
      }
      case ANMF -> {
        if (data == null) {
          left = 2 * (file.getInt(at) & 0xffffff);
          top = 2 * (file.getInt(at + 3) & 0xffffff);
          readChunks(at + FRAME_HEADER, at + length);
        }
      }
      case ALPH -> alpha = data == null ? slice(at, length) : alpha;
      case VP8, VP8L -> {
        if (data == null) {
          data = slice(at, length);
          dataType = type;
        }
      }
      case EXIF -> orientation = TiffFile.orientation(file.slice(at, length));
      default -> {} // color profiles, comments, the animation's loop count
    }
  }

  private ImageFile lossy() {
    if ((data.getInt(3) & 0xffffff) != START_CODE) {
      throw ImageFile.unusable(WEBP, "its first frame is no key frame");
    }
    return still(data.getShort(6) & 0x3fff, data.getShort(8) & 0x3fff);
  }

  private ImageFile lossless() {
    if (data.get(0) != LOSSLESS_SIGNATURE) {
      throw ImageFile.unusable(WEBP, "its lossless data has no signature");
    }
    alpha = null;
    int sizes = data.getInt(1);
    return still(1 + (sizes & 0x3fff), 1 + ((sizes >>> 14) & 0x3fff));
  }

  /** A file of one frame, with its alpha channel if it has one apart. */
  private ImageFile still(int width, int height) {
    limits.requireSize(WEBP, width, height);
    ByteBuffer kept = ByteBuffer.allocate(file.limit() + 32).order(ByteOrder.LITTLE_ENDIAN);
    kept.putInt(RIFF).putInt(0).putInt(WEBP_TYPE);
    if (alpha != null) {
      kept.putInt(VP8X).putInt(10).putInt(ALPHA_FLAG);
      putInt24(kept, width - 1);
      putInt24(kept, height - 1);
      putChunk(kept, ALPH, alpha);
    }
    putChunk(kept, dataType, data);
    kept.putInt(4, kept.position() - CHUNK_HEADER);
    ImageFile image = ImageFile.of(WEBP, width, height, orientation, kept.flip());
    return canvas == null ? image : image.with(placement(width, height));
  }

  private Placement placement(int width, int height) {
    if (left + width > canvas.canvasWidth() || top + height > canvas.canvasHeight()) {
      throw ImageFile.unusable(WEBP, "its first frame reaches over the edge of the image");
    }
    return new Placement(left, top, canvas.canvasWidth(), canvas.canvasHeight());
  }

  private ByteBuffer slice(int at, int length) {
    return file.slice(at, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void putChunk(ByteBuffer out, int type, ByteBuffer content) {
    out.putInt(type).putInt(content.limit()).put(content.duplicate());
    if ((content.limit() & 1) != 0) {
      out.put((byte) 0);
    }
  }

  private static void putInt24(ByteBuffer out, int value) {
    out.putShort((short) value).put((byte) (value >> 16));
  }
}
