package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Looks at the head of a program or data file before the runtime does, where a plain sentence can
 * still say what is wrong with it.
 */
final class ProgramFile {
  private static final int HEAD_BYTES = 64;
  private static final int IDENTIFIER_AT = 4;
  private static final int HEADER_AT = 8;

  private ProgramFile() {}

  /**
   * Checks a {@code .pte} file.
   *
   * @return its size in bytes
   * @throws ExecuTorchException naming the path, the cause and the fix
   */
  static long checkProgram(Path path) {
    long size = requireReadable(path, "program");
    ByteBuffer head = head(path);
    requireIdentifier(path, head, "ET12", "an ExecuTorch program (.pte)");
    if (hasHeader(head, "eh00")) {
      // After tag and header length: size of the program, offset of the segments, size of those.
      requireSize(path, size, head.getLong(16), 0);
      boolean sized = head.getInt(12) >= 32;
      requireSize(path, size, head.getLong(24), sized ? head.getLong(32) : 0);
    }
    Layout layout = Layout.of(head, size);
    checkTables(path, layout.tableBytes(), (tables, file) -> checkProgram(tables, file, layout));
    return size;
  }

  /**
   * Where the parts of a checked program lie.
   *
   * @param tableBytes size of the tables, which begin the file
   * @param segmentsAt where the segments of constants begin that the tables speak of
   */
  record Layout(long tableBytes, long segmentsAt) {
    private static Layout of(ByteBuffer head, long size) {
      return hasHeader(head, "eh00")
          ? new Layout(head.getLong(16), head.getLong(24))
          : new Layout(size, size);
    }

    static Layout read(Path program) {
      return of(head(program), requireReadable(program, "program"));
    }
  }

  /** Checks a {@code .ptd} file; result and exceptions as for {@link #checkProgram}. */
  static long checkData(Path path) {
    long size = requireReadable(path, "data");
    ByteBuffer head = head(path);
    requireIdentifier(path, head, "FT01", "an ExecuTorch data file (.ptd)");
    if (hasHeader(head, "FH01")) {
      // After tag and header length: offset and size of the table, offset and size of the segments.
      requireSize(path, size, head.getLong(16), head.getLong(24));
      requireSize(path, size, head.getLong(32), head.getLong(40));
      long segmentBytes = head.getLong(40);
      checkTables(
          path,
          head.getLong(16) + head.getLong(24),
          (tables, data) -> DataTables.check(tables, segmentBytes));
    }
    return size;
  }

  private static void checkProgram(ByteBuffer tables, FileChannel file, Layout layout) {
    ProgramTables.check(tables);
    DelegateTables.check(
        tables,
        (offset, bytes) -> {
          try {
            long first = Math.addExact(layout.segmentsAt(), offset);
            if (offset < 0 || bytes < 0 || first > file.size() || bytes > file.size() - first) {
              throw new IndexOutOfBoundsException("segment at " + offset);
            }
            return map(file, first, bytes);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private interface TablesCheck {
    void accept(ByteBuffer tables, FileChannel file);
  }

  // References count from the beginning of the file, of a data file too.
  private static void checkTables(Path path, long bytes, TablesCheck check) {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      check.accept(map(file, 0, bytes), file);
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw damaged(path, "a table points outside of the file");
    } catch (IllegalArgumentException e) {
      throw damaged(path, e.getMessage());
    } catch (IOException | UncheckedIOException e) {
      throw failure(ErrorCode.ACCESS_FAILED, path, "it cannot be read (" + e + ")");
    }
  }

  private static ByteBuffer map(FileChannel file, long first, long bytes) throws IOException {
    return file.map(FileChannel.MapMode.READ_ONLY, first, Math.min(bytes, Integer.MAX_VALUE));
  }

  private static ExecuTorchException damaged(Path path, String finding) {
    return failure(
        ErrorCode.INVALID_PROGRAM, path, "it is damaged: " + finding + ". Copy or export it again");
  }

  private static long requireReadable(Path path, String role) {
    if (!Files.exists(path)) {
      throw failure(ErrorCode.ACCESS_FAILED, path, "there is no such file. Check the path");
    }
    if (!Files.isRegularFile(path)) {
      throw failure(
          ErrorCode.ACCESS_FAILED, path, "it is not a file. Name the " + role + " file itself");
    }
    if (!Files.isReadable(path)) {
      throw failure(
          ErrorCode.ACCESS_FAILED, path, "this user may not read it. Change its permissions");
    }
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw failure(ErrorCode.ACCESS_FAILED, path, "its size cannot be read (" + e + ")");
    }
  }

  // Zeros behind the end of a short file: no check takes them for something else.
  private static ByteBuffer head(Path path) {
    ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      while (head.hasRemaining() && file.read(head) >= 0) {
        // one read may return less than asked
      }
    } catch (IOException e) {
      throw failure(ErrorCode.ACCESS_FAILED, path, "it cannot be read (" + e + ")");
    }
    return head;
  }

  private static void requireIdentifier(Path path, ByteBuffer head, String wanted, String form) {
    String found = tag(head, IDENTIFIER_AT);
    if (head.position() < HEAD_BYTES) {
      throw failure(
          ErrorCode.INVALID_PROGRAM,
          path,
          "it has " + head.position() + " bytes, too few for " + form + ". Copy it again");
    }
    if (!found.equals(wanted)) {
      String series = wanted.substring(0, 2);
      throw failure(
          ErrorCode.INVALID_PROGRAM,
          path,
          found.startsWith(series)
              ? "it is of format "
                  + found
                  + ", this runtime reads "
                  + wanted
                  + ". Export it with a matching ExecuTorch"
              : "it is not " + form + ": its identifier is not " + wanted + ". Check the path");
    }
  }

  private static void requireSize(Path path, long size, long offset, long bytes) {
    if (offset < 0 || bytes < 0 || offset > size || bytes > size - offset) {
      throw failure(
          ErrorCode.INVALID_PROGRAM,
          path,
          "it is truncated: its header speaks of "
              + Long.toUnsignedString(offset + bytes)
              + " bytes, the file has "
              + size
              + ". Copy or export it again");
    }
  }

  private static boolean hasHeader(ByteBuffer head, String tag) {
    return tag(head, HEADER_AT).equals(tag);
  }

  private static String tag(ByteBuffer head, int at) {
    StringBuilder tag = new StringBuilder();
    for (int i = at; i < at + 4; i++) {
      tag.append((char) (head.get(i) & 0xff));
    }
    return tag.toString();
  }

  private static ExecuTorchException failure(ErrorCode code, Path path, String cause) {
    return new ExecuTorchException(code, "Cannot open " + path + ": " + cause + ".");
  }
}
