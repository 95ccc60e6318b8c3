package io.github.flinkexecutorch.runtime;

import java.util.List;

/**
 * What a method says of one of its inputs or outputs.
 *
 * @param kind the value's kind; {@code type} and {@code sizes} are meaningful for tensors only
 * @param type element type, {@code null} unless a tensor
 * @param sizes upper bounds of the dimensions; equal to the sizes where the shape is static
 * @param bytes size at the upper bounds
 */
public record TensorMeta(EValue.Kind kind, ScalarType type, List<Long> sizes, long bytes) {
  public TensorMeta {
    sizes = List.copyOf(sizes);
  }

  /** Number of dimensions. */
  public int rank() {
    return sizes.size();
  }
}
