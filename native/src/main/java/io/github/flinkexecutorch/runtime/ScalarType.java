package io.github.flinkexecutorch.runtime;

/** Element types of tensors, with ExecuTorch's own numbers. */
public enum ScalarType {
  BYTE(0, 1),
  CHAR(1, 1),
  SHORT(2, 2),
  INT(3, 4),
  LONG(4, 8),
  HALF(5, 2),
  FLOAT(6, 4),
  DOUBLE(7, 8),
  BOOL(11, 1),
  BFLOAT16(15, 2),
  UINT16(27, 2),
  UINT32(28, 4),
  UINT64(29, 8);

  private final int code;
  private final int bytes;

  ScalarType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The number of this type in the runtime's {@code ScalarType}. */
  public int code() {
    return code;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /**
   * The type with the runtime's number.
   *
   * @throws IllegalArgumentException for a number that has no counterpart here
   */
  public static ScalarType of(int code) {
    ScalarType type = find(code);
    if (type == null) {
      throw new IllegalArgumentException("Tensor element type " + code + " is not supported");
    }
    return type;
  }

  /** As {@link #of}, but {@code null} for a number that has no counterpart here. */
  static ScalarType find(int code) {
    for (ScalarType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }
}
