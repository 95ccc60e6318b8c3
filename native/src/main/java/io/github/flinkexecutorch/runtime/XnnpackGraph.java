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
  private static final int GRAPH_VALUES = 2;
  private static final int GRAPH_ARGUMENTS = 3;
  private static final int GRAPH_CONSTANTS = 8;
  private static final int UNION_TYPE = 0;
  private static final int UNION_VALUE = 1;
  private static final int QUANTIZED = 2;
  private static final int BASE_TENSOR = 0;
  private static final int VALUE_TYPE = 0;
  private static final int VALUE_SIZES = 2;
  private static final int VALUE_CONSTANT = 3;
  private static final int CONSTANT_OFFSET = 0;
  private static final int CONSTANT_BYTES = 1;
  private static final int CONSTANT_NAME = 2;

  // By the number of an element type; those of others are not known here.
  private static final Map<Integer, Integer> BITS =
      Map.of(1, 32, 2, 16, 3, 8, 4, 8, 5, 32, 6, 8, 7, 32, 8, 4, 9, 8, 10, 4);

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
    graph.forEach(graph.root(), GRAPH_VALUES, value -> checkValue(graph, value));
    int arguments = graph.intAt(graph.root(), GRAPH_ARGUMENTS);
    return new XnnpackGraph(Integer.toUnsignedLong(arguments), constants);
  }

  // A constant is read as far as its sizes say.
  private static void checkValue(FlatBuffer graph, int value) {
    int of = graph.table(value, UNION_VALUE);
    int tensor = graph.byteAt(value, UNION_TYPE) == QUANTIZED ? graph.table(of, BASE_TENSOR) : of;
    int constant = graph.intAt(tensor, VALUE_CONSTANT);
    if (constant == 0 || graph.length(graph.root(), GRAPH_CONSTANTS) == 0) {
      return; // no constant, or of an old form that has the bytes in the tables
    }
    long bits = BITS.getOrDefault((int) graph.byteAt(tensor, VALUE_TYPE), 0);
    for (int i = 0; i < graph.length(tensor, VALUE_SIZES); i++) {
      long size = Integer.toUnsignedLong(graph.intOf(tensor, VALUE_SIZES, i));
      bits = Math.multiplyExact(bits, size);
    }
    int table = graph.tableOf(graph.root(), GRAPH_CONSTANTS, constant);
    if (bits / Byte.SIZE > graph.longAt(table, CONSTANT_BYTES)) {
      throw new IllegalArgumentException("a constant of a delegate is smaller than its sizes say");
    }
  }

  private static void requireInside(ByteBuffer in, long offset, long bytes) {
    long all = in.getLong(CONSTANT_BYTES_AT);
    long first = Integer.toUnsignedLong(in.getInt(CONSTANTS_AT));
    if (offset < 0 || bytes < 0 || bytes > all - offset || all > in.limit() - first) {
      throw new IllegalArgumentException("a constant lies outside of the data of its delegate");
    }
  }
}
