package io.github.flinkexecutorch.runtime;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A program file with its data files, opened: the constants that any number of modules share.
 *
 * <p>Safe for use by several threads. Closing it while modules are open is safe: they go on, and
 * the memory is freed with the last of them. The files must not change while it is open, unless
 * opened with {@link LoadMode#FILE}.
 */
public final class Program implements AutoCloseable {
  private final Path path;
  private final List<Path> dataFiles;
  private final long bytes;
  private final Map<String, MethodMeta> methods;
  private final long handle;
  private int users = 1; // this object and every open module
  private boolean closed;

  private Program(
      Path path, List<Path> dataFiles, long bytes, Map<String, MethodMeta> methods, long handle) {
    this.path = path;
    this.dataFiles = List.copyOf(dataFiles);
    this.bytes = bytes;
    this.methods = methods;
    this.handle = handle;
  }

  /**
   * Opens and verifies a program.
   *
   * @param model the {@code .pte} file
   * @param dataFiles {@code .ptd} files with constants that the program leaves out, often none
   * @throws ExecuTorchException naming the file, the cause and the fix if one cannot be used
   */
  public static Program open(Path model, List<Path> dataFiles, LoadMode mode) {
    Objects.requireNonNull(mode, "mode");
    long bytes = ProgramFile.checkProgram(model);
    ByteArrayOutputStream dataPaths = new ByteArrayOutputStream();
    for (Path dataFile : dataFiles) {
      bytes += ProgramFile.checkData(dataFile);
      dataPaths.writeBytes(Native.terminated(dataFile));
    }
    Native.require();
    long[] opened = new long[3];
    int status =
        NativeBridge.et_program_open(
            Native.terminated(model),
            dataPaths.toByteArray(),
            dataFiles.size(),
            mode.code(),
            opened);
    try {
      Native.check(status, "Cannot open ", model + describe(dataFiles) + " (" + mode + ")");
    } catch (ExecuTorchException e) {
      throw new ExecuTorchException(e.code(), e.getMessage() + ". " + fix(e.code(), mode));
    }
    return new Program(
        model, dataFiles, bytes, ProgramDescription.read(Native.view(opened, 1)), opened[0]);
  }

  /** The program file. */
  public Path path() {
    return path;
  }

  /** Size of the program file and its data files. */
  public long bytes() {
    return bytes;
  }

  /**
   * Looks into the files: what the methods call, which constants lie outside, and what of all that
   * is missing here. Loads and executes nothing.
   *
   * @throws ExecuTorchException naming the file if one is damaged, or was changed since
   */
  public ProgramInspection inspect() {
    return ProgramInspector.inspect(path, dataFiles, methods);
  }

  /** Opens a module with {@link XnnpackOptions#DEFAULTS}. */
  public ExecuTorchModule openModule(Threading threading) {
    return openModule(threading, XnnpackOptions.DEFAULTS);
  }

  /**
   * Opens a module over this program. Loads no method yet.
   *
   * @throws IllegalStateException if this program is closed
   */
  public synchronized ExecuTorchModule openModule(Threading threading, XnnpackOptions xnnpack) {
    if (closed) {
      throw new IllegalStateException("Program " + path + " is closed");
    }
    ExecuTorchModule module = new ProgramModule(this, threading, xnnpack);
    users++;
    return module;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      release();
    }
  }

  Map<String, MethodMeta> methods() {
    return methods;
  }

  /** The native program; good for a module until it releases. */
  long handle() {
    return handle;
  }

  /** A module was closed. */
  synchronized void release() {
    if (--users == 0) {
      NativeBridge.et_program_close(handle);
      Native.drainLog();
    }
  }

  private static String fix(ErrorCode code, LoadMode mode) {
    return switch (code) {
      case INVALID_PROGRAM, INVALID_EXTERNAL_DATA ->
          "Copy the files again, or export them with the ExecuTorch version of this build.";
      case MEMORY_ALLOCATION_FAILED -> "Give the process more memory, or open with MMAP.";
      default ->
          mode == LoadMode.MMAP_MLOCK
              ? "Allow the process to lock as much memory (ulimit -l), or open with MMAP."
              : "Check the files.";
    };
  }

  private static String describe(List<Path> dataFiles) {
    return dataFiles.isEmpty() ? "" : " with data files " + dataFiles;
  }
}
