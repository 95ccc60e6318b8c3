package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the graphs of XNNPACK's delegates with the program around them: each call must have the
 * arguments that its graph reads, and each named constant the bytes. Neither the runtime nor the
 * backend looks.
 *
 * <p>The numbers of fields and union members are those of ExecuTorch's program.fbs.
 */
final class DelegateTables {
  private static final String XNNPACK = "XnnpackBackend";
  private static final int PROGRAM_PLANS = 1;
  private static final int PROGRAM_INLINE_DATA = 3;
  private static final int PROGRAM_SEGMENTS = 4;
  private static final int PROGRAM_NAMED_DATA = 7;
  private static final int INLINE_BYTES = 0;
  private static final int SEGMENT_OFFSET = 0;
  private static final int SEGMENT_BYTES = 1;
  private static final int NAMED_DATA_KEY = 0;
  private static final int NAMED_DATA_SEGMENT = 1;
  private static final int PLAN_CHAINS = 5;
  private static final int PLAN_DELEGATES = 7;
  private static final int DELEGATE_ID = 0;
  private static final int DELEGATE_DATA = 1;
  private static final int DATA_LOCATION = 0;
  private static final int DATA_INDEX = 1;
  private static final int DATA_IS_SEGMENT = 1;
  private static final int CHAIN_INSTRUCTIONS = 2;
  private static final int UNION_TYPE = 0;
  private static final int UNION_VALUE = 1;
  private static final int INSTRUCTION_IS_DELEGATE_CALL = 2;
  private static final int CALL_TARGET = 0;
  private static final int CALL_ARGUMENTS = 1;

  /** Where the segments of a program are read. */
  interface Segments {
    /**
     * The beginning of a segment, as far as a buffer can hold it.
     *
     * @throws IndexOutOfBoundsException if it lies outside of the file
     */
    ByteBuffer read(long offset, long bytes);
  }

  private final FlatBuffer in;
  private final Segments segments;
  private final Map<String, Long> named = new HashMap<>(); // bytes of the named constants

  private DelegateTables(FlatBuffer in, Segments segments) {
    this.in = in;
    this.segments = segments;
  }

  /**
   * Checks the delegates of a program that passed {@link ProgramTables}.
   *
   * @throws IllegalArgumentException naming the wrong value
   * @throws IndexOutOfBoundsException if a table points outside
   */
  static void check(ByteBuffer program, Segments segments) {
    FlatBuffer in = new FlatBuffer(program);
    new DelegateTables(in, segments).checkProgram();
  }

  private void checkProgram() {
    in.forEach(
        in.root(),
        PROGRAM_NAMED_DATA,
        data ->
            named.put(
                in.string(data, NAMED_DATA_KEY),
                in.longAt(segment(in.intAt(data, NAMED_DATA_SEGMENT)), SEGMENT_BYTES)));
    in.forEach(in.root(), PROGRAM_PLANS, this::checkPlan);
  }

  private void checkPlan(int plan) {
    List<Long> needed = new ArrayList<>(); // arguments, by delegate
    in.forEach(plan, PLAN_DELEGATES, delegate -> needed.add(checkDelegate(delegate)));
    in.forEach(
        plan,
        PLAN_CHAINS,
        chain ->
            in.forEach(chain, CHAIN_INSTRUCTIONS, instruction -> checkCall(instruction, needed)));
  }

  private long checkDelegate(int delegate) {
    if (!in.string(delegate, DELEGATE_ID).equals(XNNPACK)) {
      return 0;
    }
    XnnpackGraph graph = XnnpackGraph.read(data(in.table(delegate, DELEGATE_DATA)));
    graph
        .constants()
        .forEach(
            (name, bytes) -> {
              long there = named.getOrDefault(name, bytes); // others are in a data file
              if (bytes < 0 || there < bytes) {
                throw new IllegalArgumentException(
                    "constant " + name + " of a delegate has " + there + " bytes, not " + bytes);
              }
            });
    return graph.arguments();
  }

  private void checkCall(int instruction, List<Long> needed) {
    if (in.byteAt(instruction, UNION_TYPE) != INSTRUCTION_IS_DELEGATE_CALL) {
      return;
    }
    int call = in.table(instruction, UNION_VALUE);
    int delegate = in.intAt(call, CALL_TARGET);
    int given = in.length(call, CALL_ARGUMENTS);
    if (given < needed.get(delegate)) {
      throw new IllegalArgumentException(
          "a call of delegate "
              + delegate
              + " has "
              + given
              + " arguments instead of "
              + needed.get(delegate));
    }
  }

  private ByteBuffer data(int reference) {
    int index = in.intAt(reference, DATA_INDEX);
    if (in.byteAt(reference, DATA_LOCATION) != DATA_IS_SEGMENT) {
      return in.bytes(in.tableOf(in.root(), PROGRAM_INLINE_DATA, index), INLINE_BYTES);
    }
    int segment = segment(index);
    return segments.read(in.longAt(segment, SEGMENT_OFFSET), in.longAt(segment, SEGMENT_BYTES));
  }

  private int segment(int index) {
    return in.tableOf(in.root(), PROGRAM_SEGMENTS, index);
  }
}
