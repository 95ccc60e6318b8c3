package io.github.flinkexecutorch.llm.tokenizer;

import io.github.flinkexecutorch.llm.InvalidModelException;
import java.util.Arrays;

/**
 * Reads the fields of one protobuf message in the order in which they are written. A cut or
 * malformed message gives an {@link InvalidModelException}.
 *
 * <p>Ours, because protobuf's own library, of which every user of Flink has another version on the
 * class path, would be there for two kinds of messages alone.
 */
final class ProtobufReader {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;
  private static final int LONGEST_VARINT = 10;

  private final byte[] message;
  private final int end;
  private int at;
  private int field;
  private int type;

  ProtobufReader(byte[] message) {
    this(message, 0, message.length);
  }

  private ProtobufReader(byte[] message, int start, int end) {
    this.message = message;
    this.at = start;
    this.end = end;
  }

  /** Goes to the next field; its value must then be read or skipped. */
  boolean next() {
    if (at == end) {
      return false;
    }
    long tag = anyVarint();
    field = (int) (tag >>> 3);
    type = (int) (tag & 7);
    if (tag >>> 32 != 0 || field == 0) {
      throw malformed("has a field without a number");
    }
    return true;
  }

  int field() {
    return field;
  }

  int int32() {
    require(VARINT);
    return (int) anyVarint();
  }

  boolean bool() {
    require(VARINT);
    return anyVarint() != 0;
  }

  float float32() {
    require(FIXED_32);
    int start = advance(4);
    int bits = 0;
    for (int i = 3; i >= 0; i--) {
      bits = (bits << 8) | (message[start + i] & 0xff);
    }
    return Float.intBitsToFloat(bits);
  }

  byte[] bytes() {
    ProtobufReader inner = message();
    return Arrays.copyOfRange(message, inner.at, inner.end);
  }

  ProtobufReader message() {
    require(BYTES);
    long length = anyVarint();
    int start = advance(length);
    return new ProtobufReader(message, start, at);
  }

  void skip() {
    switch (type) {
      case VARINT -> anyVarint();
      case FIXED_64 -> advance(8);
      case BYTES -> advance(anyVarint());
      case FIXED_32 -> advance(4);
      default -> throw malformed("has a field of the unknown wire type " + type);
    }
  }

  private void require(int wanted) {
    if (type != wanted) {
      throw malformed("has field " + field + " in the wire type " + type + " instead of " + wanted);
    }
  }

  private long anyVarint() {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT; i++) {
      byte part = message[advance(1)];
      value |= (long) (part & 0x7f) << (7 * i);
      if (part >= 0) {
        return value;
      }
    }
    throw malformed("has a number of more than " + LONGEST_VARINT + " bytes");
  }

  /** Where the next {@code length} bytes begin, which are then read. */
  private int advance(long length) {
    if (length < 0 || length > end - at) {
      throw malformed("ends too early");
    }
    int start = at;
    at += (int) length;
    return start;
  }

  private InvalidModelException malformed(String why) {
    return new InvalidModelException("its protobuf " + why + ", at byte " + at);
  }
}
