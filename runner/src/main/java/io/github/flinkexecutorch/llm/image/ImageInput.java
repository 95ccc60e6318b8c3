package io.github.flinkexecutorch.llm.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file in memory, for ImageIO's readers. Some go on long after the end of a damaged file: that
 * for WebP took 14 seconds for one of a kilobyte. So a reader is stopped that has come to the end
 * too often.
 */
final class ImageInput extends ImageInputStreamImpl {
  /** More than readers need that look ahead. */
  static final int MOST_READS_AT_END = 4096;

  private final ByteBuffer content;
  private int readsAtEnd;

  /**
   * @param content the file, from index 0 to the limit; its position is not used
   */
  ImageInput(ByteBuffer content) {
    this.content = content.duplicate();
  }

  @Override
  public int read() throws IOException {
    if (isAtEnd()) {
      return -1;
    }
    bitOffset = 0;
    return content.get((int) streamPos++) & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length > 0 && isAtEnd()) {
      return -1;
    }
    int count = (int) Math.min(length, length() - streamPos);
    bitOffset = 0;
    content.get((int) streamPos, target, offset, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return content.limit();
  }

  private boolean isAtEnd() throws IOException {
    if (streamPos < content.limit()) {
      return false;
    }
    readsAtEnd++;
    if (readsAtEnd > MOST_READS_AT_END) {
      throw new IOException("The data ends too early");
    }
    return true;
  }
}
