package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Walks the FlatBuffers tables of a program and checks what the runtime takes on trust although a
 * wrong value would end the process: element types of tensors, and the numbers by which
 * instructions name operators and delegates. The runtime's own verification does the rest.
 *
 * <p>The numbers of fields and union members are those of ExecuTorch's program.fbs.
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

  private final FlatBuffer in;

  private ProgramTables(FlatBuffer in) {
    this.in = in;
  }

  /**
   * Checks a program.
   *
   * @throws IllegalArgumentException naming the wrong value
   * @throws IndexOutOfBoundsException if a table points outside
   */
  static void check(ByteBuffer program) {
    FlatBuffer in = new FlatBuffer(program);
    in.forEach(in.root(), PROGRAM_PLANS, new ProgramTables(in)::checkPlan);
  }

  private void checkPlan(int plan) {
    in.forEach(plan, PLAN_VALUES, this::checkValue);
    int operators = in.length(plan, PLAN_OPERATORS);
    int delegates = in.length(plan, PLAN_DELEGATES);
    in.forEach(
        plan,
        PLAN_CHAINS,
        chain ->
            in.forEach(
                chain,
                CHAIN_INSTRUCTIONS,
                instruction -> checkInstruction(instruction, operators, delegates)));
  }

  private void checkValue(int value) {
    if (in.byteAt(value, UNION_TYPE) != VALUE_IS_TENSOR) {
      return;
    }
    int tensor = in.table(value, UNION_VALUE);
    int type = in.byteAt(tensor, TENSOR_SCALAR_TYPE);
    if (!ELEMENT_TYPES.contains(type)) {
      throw new IllegalArgumentException("a tensor has the unknown element type " + type);
    }
    int rank = in.length(tensor, TENSOR_SIZES);
    if (rank > MAX_RANK) {
      throw new IllegalArgumentException(
          "a tensor has " + rank + " dimensions, at most " + MAX_RANK + " are supported");
    }
  }

  private void checkInstruction(int instruction, int operators, int delegates) {
    switch (in.byteAt(instruction, UNION_TYPE)) {
      case INSTRUCTION_IS_KERNEL_CALL -> checkTarget(instruction, "operator", operators);
      case INSTRUCTION_IS_DELEGATE_CALL -> checkTarget(instruction, "delegate", delegates);
      default -> {} // the runtime checks the others
    }
  }

  private void checkTarget(int instruction, String role, int count) {
    int index = in.intAt(in.table(instruction, UNION_VALUE), CALL_TARGET);
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException(
          "an instruction calls " + role + " " + index + " of " + count);
    }
  }
}
