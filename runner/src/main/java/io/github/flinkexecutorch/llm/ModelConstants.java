package io.github.flinkexecutorch.llm;

import io.github.flinkexecutorch.runtime.EValue;
import io.github.flinkexecutorch.runtime.ExecuTorchException;
import io.github.flinkexecutorch.runtime.ExecuTorchModule;
import io.github.flinkexecutorch.runtime.MethodInspection;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The constant methods of a program: those that take nothing and compute nothing. */
final class ModelConstants {
  private ModelConstants() {}

  static boolean isConstant(MethodInspection method) {
    return method.meta().inputs().isEmpty()
        && method.operatorCalls() == 0
        && method.delegateCalls() == 0;
  }

  /**
   * The values by name in file order: numbers, booleans, strings and lists of these.
   *
   * @param problems receives a sentence for each constant that cannot be read
   */
  static Map<String, Object> read(
      ExecuTorchModule module, List<MethodInspection> methods, List<String> problems) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (MethodInspection method : methods) {
      String name = method.meta().name();
      if (isConstant(method)) {
        try {
          List<Object> outputs = module.execute(name).stream().map(ModelConstants::value).toList();
          values.put(name, outputs.size() == 1 ? outputs.get(0) : outputs);
        } catch (ExecuTorchException e) {
          problems.add("The constant " + name + " cannot be read: " + e.getMessage());
        }
      }
    }
    return values;
  }

  private static Object value(EValue value) {
    return switch (value.kind()) {
      case LONG -> value.toLong();
      case DOUBLE -> value.toDouble();
      case BOOL -> value.toBoolean();
      case STRING -> value.text();
      case LONG_LIST -> Arrays.stream(value.toLongs()).boxed().toList();
      case DOUBLE_LIST -> Arrays.stream(value.toDoubles()).boxed().toList();
      default -> value.kind().toString();
    };
  }
}
