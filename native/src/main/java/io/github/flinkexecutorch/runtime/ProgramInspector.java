package io.github.flinkexecutorch.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the tables of a program that was opened, and so verified, before. The numbers of fields are
 * those of ExecuTorch's program.fbs.
 */
final class ProgramInspector {
  private static final int PROGRAM_VERSION = 0;
  private static final int PROGRAM_PLANS = 1;
  private static final int PROGRAM_CONSTANT_BUFFER = 2;
  private static final int PROGRAM_DELEGATE_DATA = 3;
  private static final int PROGRAM_SEGMENTS = 4;
  private static final int PROGRAM_CONSTANT_SEGMENT = 5;
  private static final int PROGRAM_NAMED_DATA = 7;
  private static final int PLAN_NAME = 0;
  private static final int PLAN_DELEGATES = 7;
  private static final int DELEGATE_ID = 0;
  private static final int DELEGATE_DATA = 1;
  private static final int DATA_LOCATION = 0;
  private static final int DATA_INDEX = 1;
  private static final int DATA_IS_IN_SEGMENT = 1;
  private static final int NAMED_DATA_KEY = 0;
  private static final int NAMED_DATA_SEGMENT = 1;
  private static final int SEGMENT_OFFSET = 0;
  private static final int SEGMENT_SIZE = 1;
  private static final int BYTES = 0;

  private final FileChannel file;
  private final long segmentsAt;
  private final FlatBuffer in;
  private final Set<Integer> delegateSegments = new HashSet<>();
  private final Set<String> wanted = new TreeSet<>();
  private long inlineDelegateBytes;

  private ProgramInspector(FileChannel file, ProgramFile.Layout layout) throws IOException {
    this.file = file;
    this.segmentsAt = layout.segmentsAt();
    this.in = new FlatBuffer(map(0, Math.min(layout.tableBytes(), Integer.MAX_VALUE)));
  }

  /**
   * Inspects a program.
   *
   * @throws ExecuTorchException if a file cannot be read, or is not the one that was opened
   */
  static ProgramInspection inspect(
      Path model, List<Path> dataFiles, Map<String, MethodMeta> methods) {
    Set<String> given = new HashSet<>();
    dataFiles.forEach(dataFile -> given.addAll(DataNames.ofDataFile(dataFile)));
    ProgramFile.Layout layout = ProgramFile.Layout.read(model);
    try (FileChannel file = FileChannel.open(model, StandardOpenOption.READ)) {
      return new ProgramInspector(file, layout).inspect(methods, given);
    } catch (IOException e) {
      throw new ExecuTorchException(ErrorCode.ACCESS_FAILED, "Cannot read " + model + ": " + e);
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new ExecuTorchException(
          ErrorCode.INVALID_PROGRAM,
          "Cannot inspect " + model + ": a table points outside of the file. Export it again.");
    }
  }

  /**
   * What each instruction of a method calls: an operator, a backend, or nothing.
   *
   * @throws ExecuTorchException if the file cannot be read
   */
  static List<String> calls(Path model, String method) {
    ProgramFile.Layout layout = ProgramFile.Layout.read(model);
    try (FileChannel file = FileChannel.open(model, StandardOpenOption.READ)) {
      FlatBuffer in = new ProgramInspector(file, layout).in;
      return in.tables(in.root(), PROGRAM_PLANS)
          .filter(plan -> in.string(plan, PLAN_NAME).equals(method))
          .mapToObj(plan -> new PlanReader(in, plan).calls())
          .findFirst()
          .orElseThrow(IndexOutOfBoundsException::new);
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new ExecuTorchException(ErrorCode.ACCESS_FAILED, "Cannot read " + model + ": " + e);
    }
  }

  private ProgramInspection inspect(Map<String, MethodMeta> methods, Set<String> given)
      throws IOException {
    int program = in.root();
    List<MethodInspection> inspected = new ArrayList<>();
    for (int i = 0; i < in.length(program, PROGRAM_PLANS); i++) {
      int plan = in.tableOf(program, PROGRAM_PLANS, i);
      PlanReader reader = new PlanReader(in, plan);
      MethodMeta meta = methods.get(in.string(plan, PLAN_NAME));
      if (meta == null) {
        throw new IndexOutOfBoundsException("a method that was not there");
      }
      inspected.add(reader.inspect(meta));
      wanted.addAll(reader.externalTensors());
      readDelegates(program, plan);
    }
    Set<Integer> namedSegments = new HashSet<>();
    in.forEach(
        program,
        PROGRAM_NAMED_DATA,
        entry -> {
          wanted.remove(in.string(entry, NAMED_DATA_KEY));
          namedSegments.add(in.intAt(entry, NAMED_DATA_SEGMENT));
        });
    Set<String> missing = new TreeSet<>(wanted);
    missing.removeAll(given);
    return new ProgramInspection(
        in.intAt(program, PROGRAM_VERSION),
        constantBytes(program),
        segmentBytes(program, delegateSegments) + inlineDelegateBytes,
        segmentBytes(program, namedSegments),
        inspected,
        wanted,
        missing);
  }

  private void readDelegates(int program, int plan) throws IOException {
    for (int i = 0; i < in.length(plan, PLAN_DELEGATES); i++) {
      int delegate = in.tableOf(plan, PLAN_DELEGATES, i);
      int data = in.table(delegate, DELEGATE_DATA);
      int index = in.intAt(data, DATA_INDEX);
      ByteBuffer blob;
      if (in.byteAt(data, DATA_LOCATION) == DATA_IS_IN_SEGMENT) {
        if (!delegateSegments.add(index)) {
          continue;
        }
        int segment = in.tableOf(program, PROGRAM_SEGMENTS, index);
        blob =
            map(
                Math.addExact(segmentsAt, in.longAt(segment, SEGMENT_OFFSET)),
                Math.min(in.longAt(segment, SEGMENT_SIZE), Integer.MAX_VALUE));
      } else {
        blob = in.bytes(in.tableOf(program, PROGRAM_DELEGATE_DATA, index), BYTES);
        inlineDelegateBytes += blob.remaining();
      }
      if (in.string(delegate, DELEGATE_ID).equals("XnnpackBackend")) {
        wanted.addAll(DataNames.ofXnnpackGraph(blob));
      }
    }
  }

  private long constantBytes(int program) {
    long[] inline = new long[1]; // the form that older exporters wrote
    in.forEach(
        program, PROGRAM_CONSTANT_BUFFER, buffer -> inline[0] += in.bytes(buffer, BYTES).limit());
    if (in.length(program, PROGRAM_SEGMENTS) == 0 || !in.has(program, PROGRAM_CONSTANT_SEGMENT)) {
      return inline[0];
    }
    int segment = in.intAt(in.table(program, PROGRAM_CONSTANT_SEGMENT), BYTES);
    return inline[0] + segmentBytes(program, Set.of(segment));
  }

  private long segmentBytes(int program, Set<Integer> segments) {
    return segments.stream()
        .mapToLong(index -> in.longAt(in.tableOf(program, PROGRAM_SEGMENTS, index), SEGMENT_SIZE))
        .sum();
  }

  private ByteBuffer map(long at, long bytes) throws IOException {
    if (at < 0 || bytes < 0 || bytes > file.size() - at) {
      throw new IndexOutOfBoundsException("segment at " + at);
    }
    return file.map(FileChannel.MapMode.READ_ONLY, at, bytes);
  }
}
