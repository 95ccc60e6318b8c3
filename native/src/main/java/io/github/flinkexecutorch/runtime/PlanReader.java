package io.github.flinkexecutorch.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads the table of one method: what it calls, and which tensors lie outside of the program. */
final class PlanReader {
  private static final int PLAN_VALUES = 2;
  private static final int PLAN_CHAINS = 5;
  private static final int PLAN_OPERATORS = 6;
  private static final int PLAN_DELEGATES = 7;
  private static final int DELEGATE_ID = 0;
  private static final int OPERATOR_NAME = 0;
  private static final int OPERATOR_OVERLOAD = 1;
  private static final int CHAIN_INSTRUCTIONS = 2;
  private static final int UNION_TYPE = 0;
  private static final int UNION_VALUE = 1;
  private static final int VALUE_IS_TENSOR = 5;
  private static final int INSTRUCTION_IS_KERNEL_CALL = 1;
  private static final int INSTRUCTION_IS_DELEGATE_CALL = 2;
  private static final int CALL_TARGET = 0;
  private static final int CALL_ARGUMENTS = 1;
  private static final int TENSOR_SCALAR_TYPE = 0;
  private static final int TENSOR_SIZES = 2;
  private static final int TENSOR_ALLOCATION = 6;
  private static final int TENSOR_EXTRA = 9;
  private static final int EXTRA_NAME = 1;
  private static final int EXTRA_LOCATION = 2;
  private static final int TENSOR_IS_EXTERNAL = 1;
  private static final int ALLOCATION_MEMORY = 0;
  private static final int ALLOCATION_LOW = 1;
  private static final int ALLOCATION_HIGH = 2;

  /** By operator: which of its arguments are caches. */
  private static final Map<String, List<Integer>> CACHES =
      Map.of(
          "llama::update_cache.out", List.of(1),
          "llama::update_cache_with_indices.out", List.of(1),
          "llama::sdpa_with_kv_cache.out", List.of(3, 4));

  private final FlatBuffer in;
  private final int plan;
  private final List<String> operators = new ArrayList<>();
  private final Map<List<Integer>, Long> caches = new HashMap<>(); // bytes by place in memory
  private int operatorCalls;
  private int delegateCalls;

  PlanReader(FlatBuffer in, int plan) {
    this.in = in;
    this.plan = plan;
  }

  MethodInspection inspect(MethodMeta meta) {
    in.forEach(plan, PLAN_OPERATORS, operator -> operators.add(name(in, operator)));
    in.forEach(plan, PLAN_CHAINS, chain -> in.forEach(chain, CHAIN_INSTRUCTIONS, this::count));
    return new MethodInspection(
        meta,
        operators,
        operators.stream()
            .filter(name -> NativeBridge.et_has_kernel(Native.terminated(name)) == 0)
            .toList(),
        meta.backends().stream()
            .distinct()
            .filter(name -> NativeBridge.et_has_backend(Native.terminated(name)) == 0)
            .toList(),
        operatorCalls,
        delegateCalls,
        caches.values().stream().mapToLong(Long::longValue).sum());
  }

  /** What each instruction of the first chain, which is the only one, calls. */
  List<String> calls() {
    int chain = in.tableOf(plan, PLAN_CHAINS, 0);
    return in.tables(chain, CHAIN_INSTRUCTIONS).mapToObj(this::callee).toList();
  }

  private String callee(int instruction) {
    return switch (in.byteAt(instruction, UNION_TYPE)) {
      case INSTRUCTION_IS_KERNEL_CALL ->
          name(
              in,
              in.tableOf(
                  plan, PLAN_OPERATORS, in.intAt(in.table(instruction, UNION_VALUE), CALL_TARGET)));
      case INSTRUCTION_IS_DELEGATE_CALL ->
          in.string(
              in.tableOf(
                  plan, PLAN_DELEGATES, in.intAt(in.table(instruction, UNION_VALUE), CALL_TARGET)),
              DELEGATE_ID);
      default -> "no call";
    };
  }

  /** Names of the constants that the program leaves to data files. */
  Set<String> externalTensors() {
    Set<String> names = new TreeSet<>();
    in.forEach(
        plan,
        PLAN_VALUES,
        value -> {
          if (in.byteAt(value, UNION_TYPE) == VALUE_IS_TENSOR) {
            int tensor = in.table(value, UNION_VALUE);
            if (in.has(tensor, TENSOR_EXTRA)) {
              int extra = in.table(tensor, TENSOR_EXTRA);
              if (in.byteAt(extra, EXTRA_LOCATION) == TENSOR_IS_EXTERNAL) {
                names.add(in.string(extra, EXTRA_NAME));
              }
            }
          }
        });
    return names;
  }

  /** As kernels are registered: with the overload behind the name. */
  static String name(FlatBuffer in, int operator) {
    String overload = in.string(operator, OPERATOR_OVERLOAD);
    String name = in.string(operator, OPERATOR_NAME);
    return overload.isEmpty() ? name : name + "." + overload;
  }

  private void count(int instruction) {
    switch (in.byteAt(instruction, UNION_TYPE)) {
      case INSTRUCTION_IS_KERNEL_CALL -> {
        operatorCalls++;
        int call = in.table(instruction, UNION_VALUE);
        String operator = operators.get(in.intAt(call, CALL_TARGET));
        for (int argument : CACHES.getOrDefault(operator, List.of())) {
          addCache(in.intOf(call, CALL_ARGUMENTS, argument));
        }
      }
      case INSTRUCTION_IS_DELEGATE_CALL -> delegateCalls++;
      default -> {} // moves and jumps
    }
  }

  private void addCache(int index) {
    int value = in.tableOf(plan, PLAN_VALUES, index);
    if (in.byteAt(value, UNION_TYPE) != VALUE_IS_TENSOR) {
      return;
    }
    int tensor = in.table(value, UNION_VALUE);
    ScalarType type = ScalarType.find(in.byteAt(tensor, TENSOR_SCALAR_TYPE));
    if (type == null || !in.has(tensor, TENSOR_ALLOCATION)) {
      return;
    }
    long bytes = type.bytes();
    for (int i = 0; i < in.length(tensor, TENSOR_SIZES); i++) {
      bytes = Math.multiplyExact(bytes, (long) in.intOf(tensor, TENSOR_SIZES, i));
    }
    int place = in.table(tensor, TENSOR_ALLOCATION);
    caches.put(
        List.of(
            in.intAt(place, ALLOCATION_MEMORY),
            in.intAt(place, ALLOCATION_LOW),
            in.intAt(place, ALLOCATION_HIGH)),
        bytes);
  }
}
