package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;

/**
 * Checks the FlatBuffers tables of a data file, which the runtime reads without looking: that names
 * are strings, and that each lies in a segment that is there and holds what its layout says.
 *
 * <p>The numbers of fields are those of ExecuTorch's flat_tensor.fbs.
 */
final class DataTables {
  private static final int FILE_SEGMENTS = 1;
  private static final int FILE_DATA = 2;
  private static final int SEGMENT_OFFSET = 0;
  private static final int SEGMENT_SIZE = 1;
  private static final int DATA_KEY = 0;
  private static final int DATA_SEGMENT = 1;
  private static final int DATA_LAYOUT = 2;
  private static final int LAYOUT_TYPE = 0;
  private static final int LAYOUT_SIZES = 1;
  private static final int LAYOUT_ORDER = 2;

  private final FlatBuffer in;
  private final int file;

  private DataTables(FlatBuffer in) {
    this.in = in;
    this.file = in.root();
  }

  /**
   * Checks the tables.
   *
   * @param segmentBytes size of the region that holds the segments
   * @throws IllegalArgumentException naming what is wrong
   * @throws IndexOutOfBoundsException if a table points outside
   */
  static void check(ByteBuffer tables, long segmentBytes) {
    DataTables checked = new DataTables(new FlatBuffer(tables));
    checked.in.forEach(checked.file, FILE_SEGMENTS, at -> checked.checkSegment(at, segmentBytes));
    checked.in.forEach(checked.file, FILE_DATA, checked::checkData);
  }

  private void checkSegment(int segment, long segmentBytes) {
    long offset = in.longAt(segment, SEGMENT_OFFSET);
    long size = in.longAt(segment, SEGMENT_SIZE);
    if (offset < 0 || size < 0 || offset > segmentBytes || size > segmentBytes - offset) {
      throw new IllegalArgumentException("a segment lies outside of the file");
    }
  }

  private void checkData(int data) {
    if (!in.isString(data, DATA_KEY)) {
      throw new IllegalArgumentException("something has no name");
    }
    int index = in.intAt(data, DATA_SEGMENT);
    int segment = in.tableOf(file, FILE_SEGMENTS, index);
    if (in.has(data, DATA_LAYOUT)) {
      long bytes = bytes(in.table(data, DATA_LAYOUT));
      if (bytes > in.longAt(segment, SEGMENT_SIZE)) {
        throw new IllegalArgumentException(
            "a tensor of " + bytes + " bytes is larger than its segment " + index);
      }
    }
  }

  private long bytes(int layout) {
    int type = in.byteAt(layout, LAYOUT_TYPE);
    if (ScalarType.find(type) == null) {
      throw new IllegalArgumentException("a tensor has the unknown element type " + type);
    }
    int rank = in.length(layout, LAYOUT_SIZES);
    if (!in.has(layout, LAYOUT_SIZES)
        || !in.has(layout, LAYOUT_ORDER)
        || rank > ValueWords.MAX_RANK
        || in.bytes(layout, LAYOUT_ORDER).limit() != rank) {
      throw new IllegalArgumentException("a tensor has no order of its " + rank + " dimensions");
    }
    long bytes = ScalarType.find(type).bytes();
    for (int i = 0; i < rank; i++) {
      int size = in.intOf(layout, LAYOUT_SIZES, i);
      if (size < 0) {
        throw new IllegalArgumentException("a tensor has the size " + size);
      }
      bytes = Math.multiplyExact(bytes, (long) size);
    }
    return bytes;
  }
}
