package io.github.flinkexecutorch.jobs.files;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.flink.annotation.Internal;

/**
 * The lines of a file as bytes, however long one is: of a line that is too long little more is held
 * than a line may have. Confined to one thread.
 */
@Internal
public final class LineReader implements Closeable {
  private static final int BUFFER = 1 << 16;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final InputStream in;
  private final int maxBytes;
  private final byte[] buffer = new byte[BUFFER];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int next; // in the buffer
  private int filled;
  private long position; // of the next byte
  private long lineBytes; // of the last line, its end included

  /**
   * @param in from the byte {@code position} of the file on
   * @param maxBytes of a line
   */
  public LineReader(InputStream in, long position, int maxBytes) {
    this.in = in;
    this.position = position;
    this.maxBytes = maxBytes;
  }

  /** Where the next line begins. */
  public long position() {
    return position;
  }

  /**
   * Reads to the end of a line, and keeps as much of it as a line may have and some bytes more.
   *
   * @return false at the end of the file
   */
  public boolean next() throws IOException {
    line.reset();
    lineBytes = 0;
    while (next < filled || fill()) {
      int from = next;
      while (next < filled && buffer[next] != '\n') {
        next++;
      }
      boolean ended = next < filled;
      if (ended) {
        next++;
      }
      int bytes = next - from;
      lineBytes += bytes;
      position += bytes;
      // Room for the end of the line: a record of exactly the limit is whole.
      line.write(buffer, from, (int) Math.min(bytes, maxBytes + 3L - line.size()));
      if (ended) {
        return true;
      }
    }
    return lineBytes > 0;
  }

  /** Bytes of the last line, its end included. */
  public long bytes() {
    return lineBytes;
  }

  /** Whether the last line is too long, and not whole. */
  public boolean isCut() {
    return lineBytes > line.size();
  }

  /** What was kept of the last line. */
  public byte[] kept() {
    return line.toByteArray();
  }

  /** What was kept without white space around it; empty if there is nothing else. */
  public byte[] content() {
    byte[] bytes = line.toByteArray();
    int from = 0;
    int to = bytes.length;
    boolean first = position == lineBytes;
    if (first && Arrays.mismatch(bytes, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length) {
      from = BYTE_ORDER_MARK.length;
    }
    while (from < to && isSpace(bytes[from])) {
      from++;
    }
    while (to > from && isSpace(bytes[to - 1])) {
      to--;
    }
    return Arrays.copyOfRange(bytes, from, to);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private boolean fill() throws IOException {
    next = 0;
    filled = Math.max(0, in.read(buffer, 0, buffer.length));
    return filled > 0;
  }

  private static boolean isSpace(byte value) {
    return value == ' ' || value == '\t' || value == '\r' || value == '\n';
  }
}
