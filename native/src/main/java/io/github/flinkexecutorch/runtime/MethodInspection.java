package io.github.flinkexecutorch.runtime;

import java.util.List;

/**
 * What one method of a program calls, without having been loaded.
 *
 * @param meta its inputs, outputs, planned memory and backends
 * @param operators operators that it calls itself, as {@code namespace::name.overload}; what is
 *     inside of a delegate is not among them
 * @param missingOperators those of them that no kernel of this build implements
 * @param missingBackends backends that this build does not have, or cannot use on this machine
 * @param operatorCalls instructions that call operators
 * @param delegateCalls instructions that call delegates
 * @param cacheBytes memory of the KV caches that its {@code llama::} cache operators update, a part
 *     of the planned memory; 0 if it calls none of these
 */
public record MethodInspection(
    MethodMeta meta,
    List<String> operators,
    List<String> missingOperators,
    List<String> missingBackends,
    int operatorCalls,
    int delegateCalls,
    long cacheBytes) {
  public MethodInspection {
    operators = List.copyOf(operators);
    missingOperators = List.copyOf(missingOperators);
    missingBackends = List.copyOf(missingBackends);
  }
}
