package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What a graph of XNNPACK's delegate reads without a check of its own. The numbers of fields are
 * those of its runtime_schema.fbs, the header's are those of XNNHeader.h.
 *
 * @param arguments how many arguments it takes from a call
 * @param constants bytes of the constants that lie outside of it, by name
 */
record XnnpackGraph(long arguments, Map<String, Long> constants) {
  private static final int TAG_AT = 4;
  private static final int TABLES_AT = 10;
  private static final int CONSTANTS_AT = 18;
  private static final int CONSTANT_BYTES_AT = 22;
  private static final int GRAPH_ARGUMENTS = 3;
  private static final int GRAPH_CONSTANTS = 8;
  private static final int CONSTANT_OFFSET = 0;
  private static final int CONSTANT_BYTES = 1;
  private static final int CONSTANT_NAME = 2;

  /**
   * Reads the data of a delegate.
   *
   * @throws IllegalArgumentException if it is none of XNNPACK or a constant lies outside of it
   * @throws IndexOutOfBoundsException if a table points outside
   */
  static XnnpackGraph read(ByteBuffer data) {
    ByteBuffer in = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    byte[] tag = new byte[4];
    in.get(TAG_AT, tag);
    boolean hasHeader = new String(tag, StandardCharsets.US_ASCII).equals("XH00");
    int tables = hasHeader ? in.getInt(TABLES_AT) : 0;
    FlatBuffer graph = new FlatBuffer(in.slice(tables, in.limit() - tables));
    Map<String, Long> constants = new HashMap<>();
    graph.forEach(
        graph.root(),
        GRAPH_CONSTANTS,
        constant -> {
          long bytes = graph.longAt(constant, CONSTANT_BYTES);
          String name = graph.string(constant, CONSTANT_NAME);
          if (!name.isEmpty()) {
            constants.merge(name, bytes, Math::max);
          } else if (hasHeader) {
            requireInside(in, graph.longAt(constant, CONSTANT_OFFSET), bytes);
          }
        });
    int arguments = graph.intAt(graph.root(), GRAPH_ARGUMENTS);
    return new XnnpackGraph(Integer.toUnsignedLong(arguments), constants);
  }

  private static void requireInside(ByteBuffer in, long offset, long bytes) {
    long all = in.getLong(CONSTANT_BYTES_AT);
    long first = Integer.toUnsignedLong(in.getInt(CONSTANTS_AT));
    if (offset < 0 || bytes < 0 || bytes > all - offset || all > in.limit() - first) {
      throw new IllegalArgumentException("a constant lies outside of the data of its delegate");
    }
  }
}
