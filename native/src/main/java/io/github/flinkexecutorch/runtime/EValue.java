package io.github.flinkexecutorch.runtime;

import java.util.Arrays;
import java.util.List;

/**
 * One input or output of a method: a tensor, a scalar, a string or a list; under ExecuTorch's own
 * name.
 */
public final class EValue {
  /** What a value holds. */
  public enum Kind {
    NONE(0),
    TENSOR(1),
    LONG(2),
    DOUBLE(3),
    BOOL(4),
    STRING(5),
    LONG_LIST(6),
    DOUBLE_LIST(7),
    BOOL_LIST(8),
    TENSOR_LIST(9);

    private static final Kind[] BY_CODE = values();

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** The number of this kind in et_bridge.h. */
    int code() {
      return code;
    }

    static Kind of(long code) {
      return BY_CODE[(int) code];
    }
  }

  private final Kind kind;
  private final Object value;

  private EValue(Kind kind, Object value) {
    this.kind = kind;
    this.value = value;
  }

  public static EValue none() {
    return new EValue(Kind.NONE, null);
  }

  public static EValue of(Tensor value) {
    return new EValue(Kind.TENSOR, value);
  }

  public static EValue of(long value) {
    return new EValue(Kind.LONG, value);
  }

  public static EValue of(double value) {
    return new EValue(Kind.DOUBLE, value);
  }

  public static EValue of(boolean value) {
    return new EValue(Kind.BOOL, value);
  }

  public static EValue of(String value) {
    return new EValue(Kind.STRING, value);
  }

  public static EValue of(long[] value) {
    return new EValue(Kind.LONG_LIST, value.clone());
  }

  public static EValue of(double[] value) {
    return new EValue(Kind.DOUBLE_LIST, value.clone());
  }

  public static EValue of(boolean[] value) {
    return new EValue(Kind.BOOL_LIST, value.clone());
  }

  public static EValue of(List<Tensor> value) {
    return new EValue(Kind.TENSOR_LIST, List.copyOf(value));
  }

  public Kind kind() {
    return kind;
  }

  /**
   * The tensor.
   *
   * @throws IllegalStateException if this is something else, as for every accessor below
   */
  public Tensor toTensor() {
    return (Tensor) require(Kind.TENSOR);
  }

  public long toLong() {
    return (Long) require(Kind.LONG);
  }

  public double toDouble() {
    return (Double) require(Kind.DOUBLE);
  }

  public boolean toBoolean() {
    return (Boolean) require(Kind.BOOL);
  }

  /** The text of a {@link Kind#STRING}; see {@link #toString()} for a description of any value. */
  public String text() {
    return (String) require(Kind.STRING);
  }

  public long[] toLongs() {
    return ((long[]) require(Kind.LONG_LIST)).clone();
  }

  public double[] toDoubles() {
    return ((double[]) require(Kind.DOUBLE_LIST)).clone();
  }

  public boolean[] toBooleans() {
    return ((boolean[]) require(Kind.BOOL_LIST)).clone();
  }

  @SuppressWarnings("unchecked") // of(List<Tensor>) is the only way in
  public List<Tensor> toTensors() {
    return (List<Tensor>) require(Kind.TENSOR_LIST);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case LONG_LIST -> kind + Arrays.toString((long[]) value);
      case DOUBLE_LIST -> kind + Arrays.toString((double[]) value);
      case BOOL_LIST -> kind + Arrays.toString((boolean[]) value);
      default -> kind + "(" + value + ")";
    };
  }

  private Object require(Kind wanted) {
    if (kind != wanted) {
      throw new IllegalStateException("Value is a " + kind + ", not a " + wanted);
    }
    return value;
  }
}
