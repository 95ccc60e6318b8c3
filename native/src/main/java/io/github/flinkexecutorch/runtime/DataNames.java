package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;

/**
 * Names of constants: those that a data file holds and those that a graph of XNNPACK asks for. The
 * numbers of fields are those of flat_tensor.fbs and of XNNPACK's schema.fbs in ExecuTorch.
 */
final class DataNames {
  private static final int DATA_NAMES = 2;
  private static final int DATA_KEY = 0;
  private static final int GRAPH_CONSTANTS = 8;
  private static final int CONSTANT_NAME = 2;

  // "XH00" at 4, then length of the header, offset and size of the graph's tables.
  private static final int XNNPACK_TAG = 'X' | 'H' << 8 | '0' << 16 | '0' << 24;
  private static final int XNNPACK_HEADER_BYTES = 30;
  private static final int XNNPACK_TAG_AT = 4;
  private static final int XNNPACK_TABLES_AT = 10;
  private static final int XNNPACK_TABLE_BYTES_AT = 14;

  private DataNames() {}

  /**
   * Names in a {@code .ptd} file that was opened, and so checked, before.
   *
   * @throws ExecuTorchException if it cannot be read
   */
  static Set<String> ofDataFile(Path path) {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      // The tables begin the file; whatever follows them is not looked at.
      FlatBuffer in =
          new FlatBuffer(
              file.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(file.size(), Integer.MAX_VALUE)));
      Set<String> names = new TreeSet<>();
      in.forEach(in.root(), DATA_NAMES, entry -> names.add(in.string(entry, DATA_KEY)));
      return names;
    } catch (IOException e) {
      throw new ExecuTorchException(ErrorCode.ACCESS_FAILED, "Cannot read " + path + ": " + e);
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new ExecuTorchException(
          ErrorCode.INVALID_EXTERNAL_DATA,
          "Cannot read " + path + ": a table points outside of the file. Copy it again.");
    }
  }

  /** Names that the constants of a graph have; none if the graph brings all its constants. */
  static Set<String> ofXnnpackGraph(ByteBuffer graph) {
    ByteBuffer head = graph.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    Set<String> names = new TreeSet<>();
    if (head.limit() < XNNPACK_HEADER_BYTES || head.getInt(XNNPACK_TAG_AT) != XNNPACK_TAG) {
      return names; // an older form, which knows no names
    }
    FlatBuffer in =
        new FlatBuffer(
            head.slice(head.getInt(XNNPACK_TABLES_AT), head.getInt(XNNPACK_TABLE_BYTES_AT)));
    in.forEach(
        in.root(), GRAPH_CONSTANTS, constant -> names.add(in.string(constant, CONSTANT_NAME)));
    names.remove("");
    return names;
  }
}
