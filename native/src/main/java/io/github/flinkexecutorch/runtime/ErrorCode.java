package io.github.flinkexecutorch.runtime;

/**
 * The runtime's error codes ({@code executorch::runtime::Error}), plus {@link #UNKNOWN} for numbers
 * newer than this list.
 */
public enum ErrorCode {
  OK(0x00),
  INTERNAL(0x01),
  INVALID_STATE(0x02),
  END_OF_METHOD(0x03),
  ALREADY_LOADED(0x04),
  NOT_SUPPORTED(0x10),
  NOT_IMPLEMENTED(0x11),
  INVALID_ARGUMENT(0x12),
  INVALID_TYPE(0x13),
  OPERATOR_MISSING(0x14),
  REGISTRATION_EXCEEDING_MAX_KERNELS(0x15),
  REGISTRATION_ALREADY_REGISTERED(0x16),
  NOT_FOUND(0x20),
  MEMORY_ALLOCATION_FAILED(0x21),
  ACCESS_FAILED(0x22),
  INVALID_PROGRAM(0x23),
  INVALID_EXTERNAL_DATA(0x24),
  OUT_OF_RESOURCES(0x25),
  DELEGATE_INVALID_COMPATIBILITY(0x30),
  DELEGATE_MEMORY_ALLOCATION_FAILED(0x31),
  DELEGATE_INVALID_HANDLE(0x32),
  UNKNOWN(-1);

  private final int code;

  ErrorCode(int code) {
    this.code = code;
  }

  /** The runtime's number. */
  public int code() {
    return code;
  }

  /** Whether the machine lacked memory: the same call may work elsewhere, or later. */
  public boolean meansOutOfMemory() {
    return this == MEMORY_ALLOCATION_FAILED
        || this == OUT_OF_RESOURCES
        || this == DELEGATE_MEMORY_ALLOCATION_FAILED;
  }

  /** The constant for the runtime's number, {@link #UNKNOWN} if there is none. */
  public static ErrorCode of(int code) {
    for (ErrorCode error : values()) {
      if (error.code == code) {
        return error;
      }
    }
    return UNKNOWN;
  }
}
