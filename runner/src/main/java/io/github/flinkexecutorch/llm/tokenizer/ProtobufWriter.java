package io.github.flinkexecutorch.llm.tokenizer;

import java.io.ByteArrayOutputStream;

/** Writes the fields of one protobuf message. */
final class ProtobufWriter {
  private static final int VARINT = 0;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final ByteArrayOutputStream message = new ByteArrayOutputStream();

  ProtobufWriter int32(int field, int value) {
    varint((field << 3) | VARINT);
    varint(value);
    return this;
  }

  ProtobufWriter bool(int field, boolean value) {
    return int32(field, value ? 1 : 0);
  }

  ProtobufWriter float32(int field, float value) {
    varint((field << 3) | FIXED_32);
    int bits = Float.floatToIntBits(value);
    for (int i = 0; i < 4; i++) {
      message.write(bits >>> (8 * i));
    }
    return this;
  }

  ProtobufWriter bytes(int field, byte[] value) {
    varint((field << 3) | BYTES);
    varint(value.length);
    message.writeBytes(value);
    return this;
  }

  ProtobufWriter message(int field, ProtobufWriter value) {
    return bytes(field, value.bytes());
  }

  byte[] bytes() {
    return message.toByteArray();
  }

  private void varint(long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      message.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    message.write((int) rest);
  }
}
