package io.github.flinkexecutorch.runtime;

import java.util.Arrays;
import java.util.List;

/** Checks inputs against what the method says of them, before the runtime sees them. */
final class InputCheck {
  private InputCheck() {}

  static void check(MethodMeta meta, String description, EValue[] values) {
    List<TensorMeta> inputs = meta.inputs();
    if (values.length != inputs.size()) {
      throw failure(description, "takes " + inputs.size() + " inputs, got " + values.length);
    }
    for (int i = 0; i < values.length; i++) {
      check(inputs.get(i), description, i, values[i]);
    }
  }

  private static void check(TensorMeta wanted, String description, int index, EValue value) {
    if (value.kind() != wanted.kind()) {
      throw failure(
          description,
          "takes a " + wanted.kind() + " as input " + index + ", got a " + value.kind());
    }
    if (value.kind() != EValue.Kind.TENSOR) {
      return;
    }
    Tensor tensor = value.toTensor();
    long[] sizes = tensor.sizes();
    boolean fits = tensor.type() == wanted.type() && sizes.length == wanted.rank();
    for (int i = 0; fits && i < sizes.length; i++) {
      fits = sizes[i] <= wanted.sizes().get(i);
    }
    if (!fits) {
      throw failure(
          description,
          "takes "
              + wanted.type()
              + " of at most "
              + wanted.sizes()
              + " as input "
              + index
              + ", got "
              + tensor.type()
              + Arrays.toString(sizes));
    }
  }

  private static ExecuTorchException failure(String description, String difference) {
    return new ExecuTorchException(
        ErrorCode.INVALID_ARGUMENT, "Cannot execute: " + description + " " + difference);
  }
}
