package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Walks the FlatBuffers tables of a program and checks what the runtime takes on trust although a
 * wrong value would end the process: element types of tensors and how their shapes may change, and
 * the numbers by which instructions name operators, delegates and their arguments, whose kinds must
 * be those that the operator reads. The runtime's own verification does the rest, {@link
 * DelegateTables} looks into delegates.
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
  private static final int PROGRAM_SEGMENTS = 4;
  private static final int PROGRAM_NAMED_DATA = 7;
  private static final int NAMED_DATA_KEY = 0;
  private static final int NAMED_DATA_SEGMENT = 1;
  private static final int PLAN_NAME = 0;
  private static final int PLAN_VALUES = 2;
  private static final int PLAN_INPUTS = 3;
  private static final int PLAN_OUTPUTS = 4;
  private static final int PLAN_CHAINS = 5;
  private static final int PLAN_OPERATORS = 6;
  private static final int PLAN_DELEGATES = 7;
  private static final int OPERATOR_NAME = 0;
  private static final int DELEGATE_ID = 0;
  private static final int DELEGATE_DATA = 1;
  private static final int DELEGATE_OPTIONS = 2;
  private static final int OPTION_KEY = 0;
  private static final int OPTION_VALUE = 1;
  private static final int CHAIN_INSTRUCTIONS = 2;
  private static final int LIST_ITEMS = 0;
  private static final int TENSOR_SCALAR_TYPE = 0;
  private static final int TENSOR_SIZES = 2;
  private static final int TENSOR_DATA = 5;
  private static final int TENSOR_ALLOCATION = 6;
  private static final int TENSOR_DYNAMISM = 8;
  private static final int TENSOR_EXTRA = 9;
  private static final int MAX_DYNAMISM = 2;
  private static final int INT_VALUE = 0;
  private static final int CALL_TARGET = 0;
  private static final int CALL_ARGUMENTS = 1;
  private static final int MOVE_FROM = 0;
  private static final int MOVE_TO = 1;
  private static final int JUMP_CONDITION = 0;
  private static final int FREE_VALUE = 0;
  private static final int UNION_TYPE = 0;
  private static final int UNION_VALUE = 1;
  private static final int VALUE_IS_INT = 2;
  private static final int VALUE_IS_TENSOR = 5;
  private static final int VALUE_IS_INT_LIST = 7;
  private static final int INSTRUCTION_IS_KERNEL_CALL = 1;
  private static final int INSTRUCTION_IS_DELEGATE_CALL = 2;
  private static final int INSTRUCTION_IS_MOVE = 3;
  private static final int INSTRUCTION_IS_JUMP = 4;
  private static final int INSTRUCTION_IS_FREE = 5;

  private static final String SYM_SIZE = "aten::sym_size.int";
  private static final String VIEW = "executorch_prim::et_view.default";
  private static final int VIEW_OUT = 2;

  private final FlatBuffer in;
  private final int plan;
  private final int[] kinds; // of the values, as members of their union
  private final List<String> operators = new ArrayList<>();
  private final int delegates;
  private final Set<Integer> given = new HashSet<>(); // values that others give memory

  private ProgramTables(FlatBuffer in, int plan) {
    this.in = in;
    this.plan = plan;
    this.kinds = in.tables(plan, PLAN_VALUES).map(value -> in.byteAt(value, UNION_TYPE)).toArray();
    in.forEach(plan, PLAN_OPERATORS, operator -> operators.add(PlanReader.name(in, operator)));
    this.delegates = in.length(plan, PLAN_DELEGATES);
  }

  /**
   * Checks a program.
   *
   * @throws IllegalArgumentException naming the wrong value
   * @throws IndexOutOfBoundsException if a table points outside
   */
  static void check(ByteBuffer program) {
    FlatBuffer in = new FlatBuffer(program);
    in.forEach(
        in.root(),
        PROGRAM_NAMED_DATA,
        data -> {
          if (!in.isString(data, NAMED_DATA_KEY)) {
            throw new IllegalArgumentException("a constant has no name");
          }
          in.tableOf(in.root(), PROGRAM_SEGMENTS, in.intAt(data, NAMED_DATA_SEGMENT));
        });
    in.forEach(in.root(), PROGRAM_PLANS, plan -> new ProgramTables(in, plan).checkPlan());
  }

  private void checkPlan() {
    if (!in.isString(plan, PLAN_NAME)) {
      throw new IllegalArgumentException("a method has no name");
    }
    in.forEach(plan, PLAN_DELEGATES, this::checkDelegate);
    in.forEach(plan, PLAN_VALUES, this::checkValue);
    in.forEach(plan, PLAN_OPERATORS, this::checkOperator);
    for (int list : List.of(PLAN_INPUTS, PLAN_OUTPUTS)) {
      for (int i = 0; i < in.length(plan, list); i++) {
        kind(in.intOf(plan, list, i));
        given.add(in.intOf(plan, list, i));
      }
    }
    forEachInstruction(this::addView);
    forEachInstruction(this::checkInstruction);
  }

  private void checkDelegate(int delegate) {
    if (!in.isString(delegate, DELEGATE_ID) || !in.has(delegate, DELEGATE_DATA)) {
      throw new IllegalArgumentException("a delegate has no name or no data");
    }
    in.forEach(
        delegate,
        DELEGATE_OPTIONS,
        option -> {
          if (!in.isString(option, OPTION_KEY) || !in.has(option, OPTION_VALUE)) {
            throw new IllegalArgumentException("an option of a delegate has no name or no value");
          }
        });
  }

  private void checkOperator(int operator) {
    if (!in.isString(operator, OPERATOR_NAME)) {
      throw new IllegalArgumentException("an operator has no name");
    }
  }

  private void checkValue(int value) {
    switch (in.byteAt(value, UNION_TYPE)) {
      case VALUE_IS_TENSOR -> checkTensor(in.table(value, UNION_VALUE));
      case VALUE_IS_INT_LIST -> checkIntList(in.table(value, UNION_VALUE));
      default -> {} // plain values, and lists that the runtime checks
    }
  }

  private void checkTensor(int tensor) {
    int type = in.byteAt(tensor, TENSOR_SCALAR_TYPE);
    if (!ELEMENT_TYPES.contains(type)) {
      throw new IllegalArgumentException("a tensor has the unknown element type " + type);
    }
    int rank = in.length(tensor, TENSOR_SIZES);
    if (rank > MAX_RANK) {
      throw new IllegalArgumentException(
          "a tensor has " + rank + " dimensions, at most " + MAX_RANK + " are supported");
    }
    int dynamism = in.byteAt(tensor, TENSOR_DYNAMISM);
    if (dynamism < 0 || dynamism > MAX_DYNAMISM) { // its shape would never change, without a word
      throw new IllegalArgumentException("a tensor has the unknown dynamism " + dynamism);
    }
  }

  private void checkIntList(int list) {
    for (int i = 0; i < in.length(list, LIST_ITEMS); i++) {
      long item = in.longOf(list, LIST_ITEMS, i);
      if (kind(item) != VALUE_IS_INT) {
        throw new IllegalArgumentException("a list of integers has value " + item + ", no integer");
      }
    }
  }

  private void forEachInstruction(IntConsumer action) {
    in.forEach(plan, PLAN_CHAINS, chain -> in.forEach(chain, CHAIN_INSTRUCTIONS, action));
  }

  // A view has the memory of what it shows, from its call on.
  private void addView(int instruction) {
    if (in.byteAt(instruction, UNION_TYPE) == INSTRUCTION_IS_KERNEL_CALL) {
      int call = in.table(instruction, UNION_VALUE);
      if (operators.get(target(call, "operator", operators.size())).equals(VIEW)) {
        given.add(in.intOf(call, CALL_ARGUMENTS, VIEW_OUT));
      }
    }
  }

  private void checkInstruction(int instruction) {
    int kind = in.byteAt(instruction, UNION_TYPE);
    int call = in.table(instruction, UNION_VALUE);
    switch (kind) {
      case INSTRUCTION_IS_KERNEL_CALL ->
          checkArguments(call, operators.get(target(call, "operator", operators.size())));
      case INSTRUCTION_IS_DELEGATE_CALL -> {
        target(call, "delegate", delegates);
        for (int i = 0; i < in.length(call, CALL_ARGUMENTS); i++) {
          checkMemory(in.intOf(call, CALL_ARGUMENTS, i));
        }
      }
      case INSTRUCTION_IS_MOVE -> {
        kind(in.intAt(call, MOVE_FROM));
        kind(in.intAt(call, MOVE_TO));
      }
      case INSTRUCTION_IS_JUMP -> kind(in.intAt(call, JUMP_CONDITION));
      case INSTRUCTION_IS_FREE -> kind(in.intAt(call, FREE_VALUE));
      default -> {} // the runtime refuses others
    }
  }

  private void checkArguments(int call, String operator) {
    String letters = OperatorArguments.of(operator);
    int given = in.length(call, CALL_ARGUMENTS);
    if (given < letters.length()) {
      throw new IllegalArgumentException(
          "a call of " + operator + " has " + given + " arguments instead of " + letters.length());
    }
    for (int i = 0; i < letters.length(); i++) {
      int kind = checkMemory(in.intOf(call, CALL_ARGUMENTS, i));
      if (!OperatorArguments.fits(letters.charAt(i), kind)) {
        throw new IllegalArgumentException(
            "argument " + i + " of a call of " + operator + " is of the wrong kind " + kind);
      }
    }
    if (operator.equals(SYM_SIZE)) {
      checkDimension(call);
    } else if (EmbeddingArguments.areOf(operator) && !letters.isEmpty()) {
      int[] tables = IntStream.range(0, letters.length()).map(i -> tensor(call, i)).toArray();
      EmbeddingArguments.check(in, operator, tables);
    }
  }

  // The operator asks a tensor for its size at whatever dimension, which ends the process.
  private void checkDimension(int call) {
    int rank = in.length(tensor(call, 0), TENSOR_SIZES);
    int number = in.tableOf(plan, PLAN_VALUES, in.intOf(call, CALL_ARGUMENTS, 1));
    long dimension = in.longAt(in.table(number, UNION_VALUE), INT_VALUE);
    if (dimension < 0 || dimension >= rank) {
      throw new IllegalArgumentException(
          "a call of " + SYM_SIZE + " asks for dimension " + dimension + " of " + rank);
    }
  }

  // Operators read and write without a look whether there is anything.
  private int checkMemory(int index) {
    int kind = kind(index);
    if (kind == VALUE_IS_TENSOR && !given.contains(index)) {
      int tensor = in.table(in.tableOf(plan, PLAN_VALUES, index), UNION_VALUE);
      if (in.intAt(tensor, TENSOR_DATA) == 0
          && !in.has(tensor, TENSOR_ALLOCATION)
          && !in.has(tensor, TENSOR_EXTRA)
          && !isEmpty(tensor)) {
        throw new IllegalArgumentException("tensor " + index + " has no memory");
      }
    }
    return kind;
  }

  private boolean isEmpty(int tensor) {
    return IntStream.range(0, in.length(tensor, TENSOR_SIZES))
        .anyMatch(i -> in.intOf(tensor, TENSOR_SIZES, i) == 0);
  }

  /** The table of an argument, 0 if that is no tensor. */
  private int tensor(int call, int argument) {
    int value = in.tableOf(plan, PLAN_VALUES, in.intOf(call, CALL_ARGUMENTS, argument));
    return in.byteAt(value, UNION_TYPE) == VALUE_IS_TENSOR ? in.table(value, UNION_VALUE) : 0;
  }

  private int kind(long value) {
    if (value < 0 || value >= kinds.length) {
      throw new IllegalArgumentException(
          "something refers to value " + value + " of " + kinds.length);
    }
    return kinds[(int) value];
  }

  private int target(int call, String role, int count) {
    int index = in.intAt(call, CALL_TARGET);
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException(
          "an instruction calls " + role + " " + index + " of " + count);
    }
    return index;
  }
}
