package io.github.flinkexecutorch.runtime;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Raw;

/**
 * Every native method of this project: et_bridge.h says what each does. Handles and addresses are
 * {@code long}s, so no JavaCPP pointer is ever made. Callers go through {@link Native}, which turns
 * a status into an exception.
 */
@Platform(
    include = {"et_bridge.h", "kernels/isa.h"},
    link = "et_bridge",
    compiler = "cpp17")
@NoException
final class NativeBridge {
  static {
    NativeLibrary.require();
  }

  private NativeBridge() {}

  static native int et_initialize(int processors);

  static native void et_error(@Cast("int64_t*") long[] out);

  static native long et_log_pending();

  static native void et_log_take(@Cast("int64_t*") long[] out);

  static native int et_set_pool_threads(int threads);

  static native int et_pool_threads();

  static native int et_has_kernel(@Cast("const char*") byte[] name);

  static native int et_has_backend(@Cast("const char*") byte[] name);

  static native int et_program_open(
      @Cast("const char*") byte[] path,
      @Cast("const char*") byte[] dataPaths,
      int dataCount,
      int loadMode,
      @Cast("int64_t*") long[] out);

  static native void et_program_close(@Cast("EtProgram*") long program);

  static native int et_method_load(
      @Cast("EtProgram*") long program,
      @Cast("const char*") byte[] name,
      int inlineThreads,
      int workspaceSharing,
      int weightCache,
      @Cast("const char*") byte[] packedCache,
      @Cast("EtTrace*") long trace,
      @Cast("const EtMethod*") long sharing,
      @Cast("int64_t*") long[] out);

  static native int et_method_execute(@Cast("EtMethod*") long method);

  static native int et_pages_allocate(
      int layers,
      int kvHeads,
      int headSize,
      int pageTokens,
      int type,
      int pages,
      @Cast("int64_t*") long[] out);

  static native void et_pages_free(@Cast("EtPages*") long pages);

  static native int et_method_execute_paged(
      @Cast("EtMethod*") long method,
      @Cast("EtPages*") long pages,
      @Cast("const int32_t*") long step,
      long words);

  static native void et_method_restore(@Cast("EtMethod*") long method);

  static native void et_method_close(@Cast("EtMethod*") long method);

  static native int et_trace_open(@Cast("int64_t*") long[] out);

  static native int et_trace_finish(@Cast("EtTrace*") long trace, @Cast("int64_t*") long[] out);

  static native void et_trace_close(@Cast("EtTrace*") long trace);

  /** Instruction set of the kernels: 0 plain, 1 AVX2, 2 AVX-512. */
  static native int et_kernels_isa();

  /** Lowers the instruction set, for tests; returns the one in force. */
  static native int et_kernels_set_isa(int level);

  static native long et_address(@Cast("const void*") Buffer buffer);

  @Raw(withEnv = true) static native ByteBuffer et_view(long address, long size);
}
