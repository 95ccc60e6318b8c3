package io.github.flinkexecutorch.runtime;

import java.util.List;

/**
 * What a program says of one of its methods, before the method is loaded.
 *
 * @param name the method's name
 * @param inputs inputs in order
 * @param outputs outputs in order
 * @param plannedBytes memory that each loaded instance of the method needs for its activations and
 *     mutable buffers (a KV cache is one)
 * @param backends names of the delegates that the method uses, such as {@code XnnpackBackend}
 */
public record MethodMeta(
    String name,
    List<TensorMeta> inputs,
    List<TensorMeta> outputs,
    long plannedBytes,
    List<String> backends) {
  public MethodMeta {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    backends = List.copyOf(backends);
  }
}
