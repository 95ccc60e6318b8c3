package io.github.flinkexecutorch.runtime;

/** How {@link KvPages} hold keys and values; what programs see is float in every case. */
public enum KvType {
  /** As computed. */
  FLOAT(0, Float.BYTES, 0),
  /** Rounded to the nearest bfloat16: half the memory, about three significant digits. */
  BFLOAT16(1, Short.BYTES, 0),
  /** Rounded to 127 steps of the vector's largest magnitude, one scale for each key and value. */
  INT8(2, Byte.BYTES, Float.BYTES);

  private final int code;
  private final int elementBytes;
  private final int scaleBytes;

  KvType(int code, int elementBytes, int scaleBytes) {
    this.code = code;
    this.elementBytes = elementBytes;
    this.scaleBytes = scaleBytes;
  }

  /** Bytes of one key or one value of one head. */
  long vectorBytes(int headSize) {
    return (long) headSize * elementBytes + scaleBytes;
  }

  /** The bridge's number for it. */
  int code() {
    return code;
  }
}
