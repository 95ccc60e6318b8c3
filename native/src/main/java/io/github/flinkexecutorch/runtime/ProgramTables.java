package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Walks the FlatBuffers tables of a program and checks what the runtime takes on trust although a
 * wrong value would end the process: element types of tensors, and the numbers by which
 * instructions name operators and delegates. The runtime's own verification does the rest.
 *
 * <p>The numbers of fields and union members are those of ExecuTorch's program.fbs. Reading outside
 * of the buffer is an {@link IndexOutOfBoundsException}, so any bytes can be walked.
 */
final class ProgramTables {
  private static final Set<Integer> ELEMENT_TYPES =
      Set.of(
          0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 22, 23, 24, 25, 26, 27, 28,
          29);
  private static final int MAX_RANK = ValueWords.MAX_RANK;

  private static final int PROGRAM_PLANS = 1;
  private static final int PLAN_VALUES = 2;
  private static final int PLAN_CHAINS = 5;
  private static final int PLAN_OPERATORS = 6;
  private static final int PLAN_DELEGATES = 7;
  private static final int CHAIN_INSTRUCTIONS = 2;
  private static final int TENSOR_SCALAR_TYPE = 0;
  private static final int TENSOR_SIZES = 2;
  private static final int CALL_TARGET = 0;
  private static final int UNION_TYPE = 0;
  private static final int UNION_VALUE = 1;
  private static final int VALUE_IS_TENSOR = 5;
  private static final int INSTRUCTION_IS_KERNEL_CALL = 1;
  private static final int INSTRUCTION_IS_DELEGATE_CALL = 2;

  private final ByteBuffer in;

  private ProgramTables(ByteBuffer in) {
    this.in = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Checks a program.
   *
   * @throws IllegalArgumentException naming the wrong value
   * @throws IndexOutOfBoundsException if a table points outside
   */
  static void check(ByteBuffer program) {
    ProgramTables tables = new ProgramTables(program);
    tables.forEach(tables.follow(0), PROGRAM_PLANS, tables::checkPlan);
  }

  private void checkPlan(int plan) {
    forEach(plan, PLAN_VALUES, this::checkValue);
    int operators = length(plan, PLAN_OPERATORS);
    int delegates = length(plan, PLAN_DELEGATES);
    forEach(
        plan,
        PLAN_CHAINS,
        chain ->
            forEach(
                chain,
                CHAIN_INSTRUCTIONS,
                instruction -> checkInstruction(instruction, operators, delegates)));
  }

  private void checkValue(int value) {
    if (unionType(value) != VALUE_IS_TENSOR) {
      return;
    }
    int tensor = follow(field(value, UNION_VALUE));
    int typeField = field(tensor, TENSOR_SCALAR_TYPE);
    int type = typeField == 0 ? 0 : in.get(typeField);
    if (!ELEMENT_TYPES.contains(type)) {
      throw new IllegalArgumentException("a tensor has the unknown element type " + type);
    }
    int rank = length(tensor, TENSOR_SIZES);
    if (rank > MAX_RANK) {
      throw new IllegalArgumentException(
          "a tensor has " + rank + " dimensions, at most " + MAX_RANK + " are supported");
    }
  }

  private void checkInstruction(int instruction, int operators, int delegates) {
    switch (unionType(instruction)) {
      case INSTRUCTION_IS_KERNEL_CALL -> checkTarget(instruction, "operator", operators);
      case INSTRUCTION_IS_DELEGATE_CALL -> checkTarget(instruction, "delegate", delegates);
      default -> {} // the runtime checks the others
    }
  }

  private void checkTarget(int instruction, String role, int count) {
    int target = field(follow(field(instruction, UNION_VALUE)), CALL_TARGET);
    int index = target == 0 ? 0 : in.getInt(target);
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException(
          "an instruction calls " + role + " " + index + " of " + count);
    }
  }

  private int unionType(int table) {
    int type = field(table, UNION_TYPE);
    return type == 0 ? 0 : in.get(type);
  }

  // Where a field of a table lies; 0 if the table leaves it out.
  private int field(int table, int number) {
    int fields = table - in.getInt(table);
    int entry = 4 + 2 * number;
    int offset = entry < in.getChar(fields) ? in.getChar(fields + entry) : 0;
    return offset == 0 ? 0 : table + offset;
  }

  private int follow(int reference) {
    return Math.addExact(reference, in.getInt(reference));
  }

  private int length(int table, int number) {
    int field = field(table, number);
    return field == 0 ? 0 : in.getInt(follow(field));
  }

  private void forEach(int table, int number, IntConsumer action) {
    int field = field(table, number);
    if (field == 0) {
      return;
    }
    int list = follow(field);
    int count = in.getInt(list);
    for (int i = 0; i < count; i++) {
      action.accept(follow(list + 4 + 4 * i));
    }
  }
}
