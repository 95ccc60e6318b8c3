package io.github.flinkexecutorch.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Reads tables in FlatBuffers form by the numbers of their fields. Tables are named by where they
 * lie. Reading outside of the buffer is an {@link IndexOutOfBoundsException}, so any bytes can be
 * walked.
 */
final class FlatBuffer {
  private final ByteBuffer in;

  FlatBuffer(ByteBuffer in) {
    this.in = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  int root() {
    return follow(0);
  }

  /** Whether the table has the field; fields of their default value are often left out. */
  boolean has(int table, int number) {
    return field(table, number) != 0;
  }

  byte byteAt(int table, int number) {
    int field = field(table, number);
    return field == 0 ? 0 : in.get(field);
  }

  int intAt(int table, int number) {
    int field = field(table, number);
    return field == 0 ? 0 : in.getInt(field);
  }

  long longAt(int table, int number) {
    int field = field(table, number);
    return field == 0 ? 0 : in.getLong(field);
  }

  /** The text of a string field, empty if the table leaves it out. */
  String string(int table, int number) {
    return Native.string(bytes(table, number));
  }

  /** Whether a field is a string, not empty, that ends where C looks for its end. */
  boolean isString(int table, int number) {
    int field = field(table, number);
    if (field == 0) {
      return false;
    }
    int first = follow(field) + Integer.BYTES;
    int end = Math.addExact(first, length(table, number));
    for (int i = first; i < end; i++) {
      if (in.get(i) == 0) {
        return false;
      }
    }
    return end > first && in.get(end) == 0;
  }

  /** The content of a vector of bytes, or of a string. */
  ByteBuffer bytes(int table, int number) {
    int field = field(table, number);
    if (field == 0) {
      return ByteBuffer.allocate(0);
    }
    int at = follow(field);
    return in.slice(at + Integer.BYTES, in.getInt(at)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The table that a field refers to; the field must be there. */
  int table(int table, int number) {
    int field = field(table, number);
    if (field == 0) {
      throw new IndexOutOfBoundsException("field " + number + " is left out");
    }
    return follow(field);
  }

  /** The number of elements of a vector, of which each takes a byte at least. */
  int length(int table, int number) {
    int field = field(table, number);
    int length = field == 0 ? 0 : in.getInt(follow(field));
    if (length < 0 || length > in.limit()) {
      throw new IndexOutOfBoundsException("vector of " + length + " elements");
    }
    return length;
  }

  /** The element of a vector of 32-bit integers. */
  int intOf(int table, int number, int index) {
    return in.getInt(element(table, number, index));
  }

  /** The element of a vector of 64-bit integers. */
  long longOf(int table, int number, int index) {
    checkIndex(table, number, index);
    return in.getLong(Math.addExact(follow(field(table, number)) + Integer.BYTES, 8 * index));
  }

  /** The table that is an element of a vector of tables. */
  int tableOf(int table, int number, int index) {
    return follow(element(table, number, index));
  }

  /** Visits the tables of a vector in order. */
  void forEach(int table, int number, IntConsumer action) {
    tables(table, number).forEach(action);
  }

  /** The tables of a vector in order. */
  IntStream tables(int table, int number) {
    return IntStream.range(0, length(table, number)).map(i -> tableOf(table, number, i));
  }

  private int element(int table, int number, int index) {
    checkIndex(table, number, index);
    return follow(field(table, number)) + Integer.BYTES + Integer.BYTES * index;
  }

  private void checkIndex(int table, int number, int index) {
    if (index < 0 || index >= length(table, number)) {
      throw new IndexOutOfBoundsException(index);
    }
  }

  // Where a field of a table lies; 0 if the table leaves it out.
  private int field(int table, int number) {
    int fields = table - in.getInt(table);
    int entry = 4 + 2 * number;
    int offset = entry < in.getChar(fields) ? in.getChar(fields + entry) : 0;
    return offset == 0 ? 0 : table + offset;
  }

  // References lead on, never back.
  private int follow(int reference) {
    int distance = in.getInt(reference);
    if (distance < 0) {
      throw new IndexOutOfBoundsException("reference at " + reference);
    }
    return Math.addExact(reference, distance);
  }
}
