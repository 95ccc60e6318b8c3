package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the description of a program's methods that the bridge writes; program.cpp has the form.
 */
final class ProgramDescription {
  private final ByteBuffer in;

  private ProgramDescription(ByteBuffer in) {
    this.in = in;
  }

  /** The methods in file order. */
  static Map<String, MethodMeta> read(ByteBuffer in) {
    Map<String, MethodMeta> methods = new LinkedHashMap<>();
    for (MethodMeta method : new ProgramDescription(in).list(ProgramDescription::method)) {
      methods.put(method.name(), method);
    }
    return Collections.unmodifiableMap(methods);
  }

  private MethodMeta method() {
    String name = string();
    long planned = in.getLong();
    List<String> backends = list(ProgramDescription::string);
    List<TensorMeta> inputs = list(ProgramDescription::value);
    List<TensorMeta> outputs = list(ProgramDescription::value);
    return new MethodMeta(name, inputs, outputs, planned, backends);
  }

  private TensorMeta value() {
    long kind = in.getLong();
    long type = in.getLong();
    long bytes = in.getLong();
    List<Long> sizes = list(self -> self.in.getLong());
    EValue.Kind known = kind < 0 ? EValue.Kind.NONE : EValue.Kind.of(kind);
    return new TensorMeta(
        known, known == EValue.Kind.TENSOR ? ScalarType.find((int) type) : null, sizes, bytes);
  }

  private String string() {
    int bytes = (int) in.getLong();
    String text = Native.string(in.slice(in.position(), bytes));
    in.position(in.position() + (bytes + 7) / 8 * 8);
    return text;
  }

  private <T> List<T> list(Reader<T> reader) {
    long count = in.getLong();
    List<T> items = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      items.add(reader.read(this));
    }
    return items;
  }

  private interface Reader<T> {
    T read(ProgramDescription from);
  }
}
