package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.RecordOrigin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.flink.api.common.io.compression.InflaterInputStreamFactory;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.compression.StandardDeCompressors;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/**
 * The lines that begin within a range of a file, as bytes; blank ones are left out. A record's
 * offset is that of the first byte of its line, and a position in the split that of the next line.
 * Of a compressed file both count what was decompressed.
 *
 * <p>Flink's own format for lines gives texts without their offsets, reads a file with one subtask
 * and holds each line whole, however long it is.
 */
final class JsonLineReader implements RecordReader {
  private static final int BUFFER = 1 << 16;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final String name;
  private final InputStream in;
  private final long end;
  private final int maxBytes;
  private final byte[] buffer = new byte[BUFFER];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int next; // in the buffer
  private int filled;
  private long position; // of the next byte
  private long lineBytes; // of the last line, its end included

  /**
   * @param in from the byte {@code position} of the file on
   * @param end lines that begin here or later are not read
   */
  JsonLineReader(String name, InputStream in, long position, long end, int maxBytes) {
    this.name = name;
    this.in = in;
    this.position = position;
    this.end = end;
    this.maxBytes = maxBytes;
  }

  static JsonLineReader open(String name, FileSourceSplit split, int maxBytes) throws IOException {
    Path file = split.path();
    FSDataInputStream stored = file.getFileSystem().open(file);
    try {
      long restored = split.getReaderPosition().map(CheckpointedPosition::getOffset).orElse(-1L);
      if (BatchInput.isCompressed(file)) {
        InflaterInputStreamFactory<?> format =
            StandardDeCompressors.getDecompressorForFileName(file.getName());
        InputStream plain = format.create(stored);
        plain.skipNBytes(Math.max(0, restored));
        return new JsonLineReader(name, plain, Math.max(0, restored), Long.MAX_VALUE, maxBytes);
      }
      // A line that begins at the split's first byte has a line end before it.
      boolean inMiddle = restored < 0 && split.offset() > 0;
      long from = restored >= 0 ? restored : inMiddle ? split.offset() - 1 : 0;
      stored.seek(from);
      JsonLineReader reader =
          new JsonLineReader(name, stored, from, split.offset() + split.length(), maxBytes);
      if (inMiddle) {
        reader.readLine();
      }
      return reader;
    } catch (IOException | RuntimeException e) {
      stored.close();
      throw e;
    }
  }

  @Override
  public RecordAndPosition<RecordOrigin> next() throws IOException {
    while (position < end) {
      long start = position;
      if (!readLine()) {
        return null;
      }
      if (lineBytes > line.size()) {
        RecordOrigin cut = CutRecord.of(name, start, line.toByteArray(), lineBytes);
        return new RecordAndPosition<>(cut, position, 0);
      }
      byte[] value = content(start);
      if (value.length > 0) {
        RecordOrigin record = new RecordOrigin(name, -1, start, -1, null, value, null);
        return new RecordAndPosition<>(record, position, 0);
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /**
   * Reads to the end of a line, and keeps as much of it as a record may have and some bytes more.
   *
   * @return false at the end of the file
   */
  private boolean readLine() throws IOException {
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

  private boolean fill() throws IOException {
    next = 0;
    filled = Math.max(0, in.read(buffer, 0, buffer.length));
    return filled > 0;
  }

  /** The line without white space around it; empty if there is nothing else. */
  private byte[] content(long start) {
    byte[] bytes = line.toByteArray();
    int from = 0;
    int to = bytes.length;
    if (start == 0 && Arrays.mismatch(bytes, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length) {
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

  private static boolean isSpace(byte value) {
    return value == ' ' || value == '\t' || value == '\r' || value == '\n';
  }
}
