package io.github.flinkexecutorch.jobs.batch;

import io.github.flinkexecutorch.connector.RecordOrigin;
import io.github.flinkexecutorch.jobs.files.LineReader;
import java.io.IOException;
import java.io.InputStream;
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
  private final String name;
  private final LineReader lines;
  private final long end;

  /**
   * @param in from the byte {@code position} of the file on
   * @param end lines that begin here or later are not read
   */
  JsonLineReader(String name, InputStream in, long position, long end, int maxBytes) {
    this.name = name;
    this.lines = new LineReader(in, position, maxBytes);
    this.end = end;
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
        reader.lines.next();
      }
      return reader;
    } catch (IOException | RuntimeException e) {
      stored.close();
      throw e;
    }
  }

  @Override
  public RecordAndPosition<RecordOrigin> next() throws IOException {
    while (lines.position() < end) {
      long start = lines.position();
      if (!lines.next()) {
        return null;
      }
      if (lines.isCut()) {
        RecordOrigin cut = CutRecord.of(name, start, lines.kept(), lines.bytes());
        return new RecordAndPosition<>(cut, lines.position(), 0);
      }
      byte[] value = lines.content();
      if (value.length > 0) {
        RecordOrigin record = new RecordOrigin(name, -1, start, -1, null, value, null);
        return new RecordAndPosition<>(record, lines.position(), 0);
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
